"""System a's measures against NumPy."""

from __future__ import annotations

import numpy as np
import torch

from solutions.zoo.scores.norm_diff import NormDiff, diff, norm


def pair(count=12, seed=0):
    random = np.random.default_rng(seed)
    images, reconstruction = random.uniform(-1, 1, (2, count, 1, 8, 8)).astype(np.float32)
    return images, reconstruction


def outputs_of_pair(count=12, seed=0):
    images, reconstruction = map(torch.from_numpy, pair(count, seed))
    return {"images": images, "reconstruction": reconstruction}


def test_measures_are_numpys():
    images, reconstruction = pair()
    tensors = torch.from_numpy(images), torch.from_numpy(reconstruction)
    flat = (images.astype(float) - reconstruction).reshape(12, -1)
    np.testing.assert_allclose(norm(*tensors).numpy(), np.linalg.norm(flat, axis=1), rtol=1e-5)
    counts = ((images > 0) ^ (reconstruction > 0)).reshape(12, -1).sum(axis=1)
    assert diff(*tensors).tolist() == counts.tolist()


def test_an_image_reconstructed_exactly_has_neither():
    images = torch.rand(3, 1, 4, 4)
    assert norm(images, images).tolist() == [0, 0, 0]
    assert diff(images, images).tolist() == [0, 0, 0]


def test_ink_has_one_border_in_every_batch():
    # A border taken from the batch, such as its mean, would lie between the two bright greys.
    images = torch.tensor([0.2, 0.9]).view(2, 1, 1, 1).expand(2, 1, 4, 4)
    assert diff(images, torch.full((2, 1, 4, 4), 0.5)).tolist() == [0, 0]


def test_a_score_does_not_depend_on_the_batch():
    score = NormDiff()
    score.fit(outputs_of_pair(seed=1), torch.zeros(12))
    outputs = outputs_of_pair()
    apart = [score({name: v[[i]] for name, v in outputs.items()}) for i in range(12)]
    torch.testing.assert_close(score(outputs), torch.cat(apart), rtol=1e-6, atol=1e-6)


def test_either_measure_can_reject():
    score = NormDiff()
    score.fit(outputs_of_pair(count=200, seed=1), torch.zeros(200))
    images = torch.full((2, 1, 8, 8), -1.0)
    far, other = images[:1].clone(), images[1:].clone()
    far -= 9  # far away, and still background everywhere
    other[:] = 0.01  # near, and ink everywhere
    scores = score({"images": images, "reconstruction": torch.cat([far, other])})
    assert (scores > 2).all()
