"""Task 3 in the same process."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from grader import oracles

from .common import Work

Batch = tuple[np.ndarray, np.ndarray]


def _draw(count: int, dimension: int, classes: int, seed: int = 0) -> Batch:
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=count)
    labels[:4] = [0, 0, 1, 1]
    return rng.normal(scale=0.5, size=(count, dimension)).astype(np.float32), labels


def _loss(work: Work, embeddings: np.ndarray, labels: np.ndarray, **options: float) -> Tensor:
    return work["contrastive_loss"](torch.tensor(embeddings), torch.tensor(labels), **options)


def _gradient(
    work: Work, embeddings: np.ndarray, labels: np.ndarray, **options: float
) -> tuple[float, Tensor]:
    points = torch.tensor(embeddings, requires_grad=True)
    loss = work["contrastive_loss"](points, torch.tensor(labels), **options)
    loss.backward()
    return loss.item(), points.grad


def value(work: Work) -> None:
    for count, dimension, classes, margin in (
        (8, 2, 3, 1.0), (24, 3, 4, 2.5), (40, 16, 10, 3.0), (5, 1, 2, 0.7), (200, 8, 10, 4.0),
    ):  # fmt: skip
        batch = _draw(count, dimension, classes)
        loss = _loss(work, *batch, margin=margin).item()
        assert np.isclose(loss, oracles.contrastive_loss(*batch, margin), rtol=1e-4)
    batch = _draw(12, 3, 3)
    assert np.isclose(_loss(work, *batch).item(), oracles.contrastive_loss(*batch), rtol=1e-4)


def gradient(work: Work) -> None:
    embeddings, labels = _draw(10, 3, 3)
    margin = float(np.median(oracles.distances(embeddings))) + 1e-3
    for classes in (labels, np.zeros_like(labels), np.arange(len(labels))):
        expected = oracles.contrastive_gradient(embeddings, classes, margin)
        actual = _gradient(work, embeddings, classes, margin=margin)[1]
        assert np.allclose(actual, expected, rtol=1e-3, atol=1e-4)


def coincident(work: Work) -> None:
    apart, labels = _draw(8, 4, 3)
    twins = np.concatenate([apart, apart[:4]])
    for embeddings, classes in (
        (twins, np.concatenate([labels, labels[:4]])),
        (twins, np.concatenate([labels, labels[:4] + 1])),
        (np.zeros_like(apart), labels),
    ):
        loss, slope = _gradient(work, embeddings, classes)
        assert np.isfinite(loss)
        assert slope.isfinite().all()


def degenerate(work: Work) -> None:
    embeddings, _ = _draw(6, 3, 2)
    far = embeddings + 100 * np.arange(6, dtype=np.float32)[:, None]
    same = np.zeros(6, np.int64)
    assert _gradient(work, embeddings, same)[0] > 0
    for points, classes in ((far, np.arange(6)), (far[:1], same[:1]), (far[:0], same[:0])):
        assert _gradient(work, points, classes)[0] == 0


def margin(work: Work) -> None:
    labels = np.array([0, 1])
    for width in (1.0, 3.0):
        for share in (0.25, 0.75, 1.25, 4.0):
            pair = np.array([[0, 0, 0], [0, share * width, 0]], np.float32)
            loss = _loss(work, pair, labels, margin=width).item()
            assert np.isclose(loss, max(0.0, width - share * width), atol=1e-5)


def invariance(work: Work) -> None:
    embeddings, labels = _draw(16, 5, 4)
    own = _loss(work, embeddings, labels).item()
    order = np.random.default_rng(1).permutation(len(labels))
    for points, classes in (
        (embeddings[order], labels[order]), (embeddings, 7 * labels + 3), (embeddings + 5, labels),
    ):  # fmt: skip
        assert np.isclose(_loss(work, points, classes).item(), own, rtol=1e-3)
    assert _loss(work, *_draw(16, 5, 4, seed=1)).item() != own


def dtype_and_device(work: Work) -> None:
    embeddings, labels = _draw(6, 3, 2)
    for dtype in (np.float64, np.float32):
        points = torch.tensor(embeddings.astype(dtype))
        loss = work["contrastive_loss"](points, torch.tensor(labels))
        assert (loss.dtype, loss.device, loss.shape) == (points.dtype, points.device, ())


def large_batch(work: Work) -> None:
    losses = [_loss(work, *_draw(1024, 4, 10, seed)).item() for seed in (0, 1)]
    assert min(losses) > 0
    assert losses[0] != losses[1]
