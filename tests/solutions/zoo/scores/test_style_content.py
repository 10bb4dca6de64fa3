"""Style and content losses against loops in NumPy."""

from __future__ import annotations

import numpy as np
import torch

from solutions.zoo.scores.style_content import StyleContent, content_loss, gram, style_loss


def outputs(count=9, seed=0):
    random = torch.Generator().manual_seed(seed)
    names = {
        "images": (count, 1, 6, 5),
        "reconstruction": (count, 1, 6, 5),
        "embedding": (count, 4),
        "reconstruction_code": (count, 4),
    }
    return {name: torch.rand(shape, generator=random) for name, shape in names.items()}


def test_a_gram_matrix_is_the_rows_products():
    images = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    found = gram(images)
    assert found.shape == (2, 12, 12)
    rows = images.numpy().reshape(2, 12, 5)
    for i, j in ((0, 0), (3, 11), (7, 2)):
        expected = [float(np.dot(each[i], each[j])) / 60 for each in rows]
        np.testing.assert_allclose(found[:, i, j].numpy(), expected)


def test_style_does_not_see_where_in_a_row_the_ink_is():
    images = torch.rand(2, 1, 4, 6)
    mixed = images[..., torch.tensor([3, 1, 5, 0, 2, 4])]
    torch.testing.assert_close(style_loss(images, mixed), torch.zeros(2))
    assert (style_loss(images, images.flip(2)) > 0).all()


def test_content_is_the_mean_squared_difference():
    code, other = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 5.0]])
    assert content_loss(code, other).tolist() == [4.5]


def test_a_score_does_not_depend_on_the_batch():
    score = StyleContent()
    score.fit(outputs(seed=1), torch.zeros(9))
    seen = outputs()
    apart = [score({name: v[[i]] for name, v in seen.items()}) for i in range(9)]
    torch.testing.assert_close(score(seen), torch.cat(apart))


def test_a_code_far_from_its_reconstructions_is_rejected():
    score = StyleContent()
    score.fit(outputs(count=100, seed=1), torch.zeros(100))
    seen = outputs()
    seen["embedding"] = seen["embedding"] + 10
    assert (score(seen) > 2).all()
