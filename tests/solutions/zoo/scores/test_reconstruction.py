"""Reconstruction errors against float64 NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from solutions.zoo.scores.reconstruction import ReconstructionError, mean_squared_error


def some_outputs():
    draw = np.random.default_rng(0)
    images, redrawn = draw.uniform(-1, 1, (2, 5, 1, 28, 28)).astype(np.float32)
    return images, redrawn


def as_outputs(images, redrawn):
    return {"images": torch.from_numpy(images), "reconstruction": torch.from_numpy(redrawn)}


def test_the_error_is_the_mean_over_each_images_pixels():
    images, redrawn = some_outputs()
    expected = ((images.astype(float) - redrawn.astype(float)) ** 2).reshape(5, -1).mean(axis=1)
    scores = ReconstructionError()(as_outputs(images, redrawn))
    assert scores.numpy() == pytest.approx(expected, rel=1e-5)


def test_by_ink_it_is_divided_by_each_images_ink():
    images, redrawn = some_outputs()
    error = ((images.astype(float) - redrawn.astype(float)) ** 2).reshape(5, -1).mean(axis=1)
    ink = ((images.astype(float) + 1) / 2).reshape(5, -1).mean(axis=1)
    scores = ReconstructionError(by_ink=True)(as_outputs(images, redrawn))
    assert scores.numpy() == pytest.approx(error / (ink + 0.05), rel=1e-5)


def test_it_runs_from_nothing_to_four():
    black, white = torch.full((1, 3, 4, 4), -1.0), torch.full((1, 3, 4, 4), 1.0)
    assert mean_squared_error(black, black).item() == 0
    assert mean_squared_error(black, white).item() == 4


def test_an_images_score_does_not_depend_on_the_others():
    outputs = as_outputs(*some_outputs())
    alone = [ReconstructionError()({n: v[i : i + 1] for n, v in outputs.items()}) for i in range(5)]
    assert torch.equal(ReconstructionError()(outputs), torch.cat(alone))
