"""Simplified OpenMax against NumPy."""

from __future__ import annotations

import numpy as np
import torch
from scipy.spatial.distance import cdist

from solutions.zoo.scores.mav_distance import MavDistance


def seen(seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(45) % 3
    embedding = 3 * np.eye(3)[labels] + random.normal(size=(45, 3))
    logits = 3 * np.eye(3)[labels] + random.normal(size=(45, 3))
    return {"logits": torch.from_numpy(logits), "embedding": torch.from_numpy(embedding)}, labels


def test_the_distance_is_numpys():
    outputs, labels = seen()
    score = MavDistance()
    score.fit(outputs, torch.from_numpy(labels))
    embedding, guess = outputs["embedding"].numpy(), outputs["logits"].numpy().argmax(axis=1)
    means = [embedding[(labels == label) & (guess == label)].mean(axis=0) for label in range(3)]
    expected = cdist(embedding, means).min(axis=1)
    np.testing.assert_allclose(score(outputs).numpy(), expected, rtol=1e-10)


def test_a_score_does_not_depend_on_the_batch():
    outputs, labels = seen()
    score = MavDistance(features=("logits", "embedding"), metric="eucos")
    score.fit(outputs, torch.from_numpy(labels))
    apart = [score({name: v[[i]] for name, v in outputs.items()}) for i in range(45)]
    assert torch.equal(score(outputs), torch.cat(apart))


def test_needs_names_each_output_once():
    assert MavDistance(features=("logits", "latents")).needs == ("logits", "latents")
    assert MavDistance().needs == ("logits", "embedding")
