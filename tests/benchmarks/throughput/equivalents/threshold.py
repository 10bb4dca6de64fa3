"""Task 4 in the same process."""

from __future__ import annotations

import numpy as np
import torch

from grader import oracles

from .common import Work, draw


def _errors(count: int) -> np.ndarray:
    return np.random.default_rng(count).gamma(2.0, 0.1, size=count).astype(np.float32)


def error_value(work: Work) -> None:
    for count in (1, 3, 12):
        images = draw(count)
        made = (images + 0.3 * torch.randn(images.shape)).clamp(-1, 1)
        expected = oracles.reconstruction_error(images.numpy(), made.numpy())
        actual = work["reconstruction_error"](images, made)
        assert actual.shape == (count,)
        assert np.allclose(actual, expected, rtol=1e-4)


def extreme_images(work: Work) -> None:
    images = torch.stack([torch.full((1, 28, 28), ink) for ink in (-1.0, 1.0, -1.0)])
    made = torch.rand(images.shape) * 2 - 1
    made[2] = images[2]
    errors = work["reconstruction_error"](images, made)
    assert errors.isfinite().all()
    assert errors[2] == 0
    assert errors[:2].min() > 0


def statistics(work: Work) -> None:
    for count, z in ((4, 3.0), (50, 2.0), (7, 0.5), (1000, 3.0)):
        errors = _errors(count)
        actual = work["adaptive_threshold"](torch.tensor(errors), z=z)
        assert actual.shape == ()
        assert np.isclose(actual, oracles.adaptive_threshold(errors, z), rtol=1e-4)
    errors = _errors(20)
    actual = work["adaptive_threshold"](torch.tensor(errors))
    assert np.isclose(actual, oracles.adaptive_threshold(errors, 3.0), rtol=1e-4)


def rejection(work: Work) -> None:
    rng = np.random.default_rng(0)
    errors = torch.tensor(rng.choice(np.array([0.25, 0.5, 0.75], np.float32), size=40))
    labels = torch.tensor(rng.integers(10, size=40))
    for unknown in (10, 99):
        actual = work["reject"](labels, errors, torch.tensor(0.5), unknown_label=unknown)
        assert torch.equal(actual, torch.where(errors > 0.5, unknown, labels))
    assert torch.equal(work["reject"](labels, errors, 0.5), torch.where(errors > 0.5, 10, labels))


def inputs_unchanged(work: Work) -> None:
    images, errors = draw(), torch.rand(20)
    made, limit = images.flip(0), torch.tensor(0.5)
    labels = torch.arange(20) % 10
    inputs = (images, made, errors, labels, limit)
    before = [tensor.clone() for tensor in inputs]
    work["reconstruction_error"](images, made)
    work["adaptive_threshold"](errors)
    work["reject"](labels, errors, limit)
    assert all(torch.equal(a, b) for a, b in zip(before, inputs, strict=True))
    for dtype in (torch.int64, torch.int32):
        assert work["reject"](labels.to(dtype), errors, limit).dtype == dtype
