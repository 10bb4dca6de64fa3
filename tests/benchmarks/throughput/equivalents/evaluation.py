"""Task 5 in the same process."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from grader import oracles

from .common import Work

Batch = tuple[np.ndarray, np.ndarray]


class _Scripted(nn.Module):
    """Predicts the first pixel, and notes how it was asked."""

    def __init__(self, raises: bool = False) -> None:
        super().__init__()
        self.raises = raises
        self.asked = 0
        self.modes: list[tuple[bool, bool]] = []  # (training, gradients)

    def predict(self, images: Tensor) -> Tensor:
        if self.raises:
            raise RuntimeError("on purpose")
        self.asked += len(images)
        self.modes.append((self.training, torch.is_grad_enabled()))
        return images[:, 0, 0, 0].long()


def _loader(batches: Iterable[Batch]) -> list[tuple[Tensor, Tensor]]:
    loader = []
    for labels, predictions in batches:
        images = torch.zeros(len(labels), 1, 28, 28)
        images[:, 0, 0, 0] = torch.tensor(predictions)
        loader.append((images, torch.tensor(labels)))
    return loader


def _draw(sizes: tuple[int, ...]) -> list[Batch]:
    rng = np.random.default_rng(0)
    return [(rng.integers(11, size=n), rng.integers(11, size=n)) for n in sizes]


def counts(work: Work) -> None:
    for sizes in ((16, 16, 3), (2,), (5, 40, 1, 9)):
        batches, model = _draw(sizes), _Scripted()
        fractions = work["eval_model"](model, iter(_loader(batches)), device="cpu")
        labels, predictions = (np.concatenate(part) for part in zip(*batches, strict=True))
        expected = oracles.evaluation(labels, predictions)
        assert np.allclose(fractions, expected, atol=1e-5, equal_nan=True)
        assert model.asked == sum(sizes)


def both_kinds_of_error(work: Work) -> None:
    for labels, predictions, expected in (
        ([1, 2, 3, 10], [10, 10, 10, 10], (0.0, 1.0, 0.25)),
        ([1, 2, 10, 10], [1, 2, 3, 4], (1.0, 0.0, 0.5)),
        ([1, 2, 3, 10], [2, 1, 3, 10], (1 / 3, 1.0, 0.5)),
    ):
        batch = (np.array(labels), np.array(predictions))
        assert np.allclose(work["eval_model"](_Scripted(), _loader([batch])), expected)


def missing_parts(work: Work) -> None:
    known = (np.array([1, 2]), np.array([1, 10]))
    unknown = (np.array([10, 10]), np.array([10, 10]))
    for batches, missing in (
        ([known], [False, True, False]), ([unknown], [True, False, False]), ([], [True] * 3),
        ([unknown, known], [False] * 3),
    ):  # fmt: skip
        fractions = work["eval_model"](_Scripted(), _loader(batches))
        assert [math.isnan(fraction) for fraction in fractions] == missing


def eval_mode(work: Work) -> None:
    loader = _loader(_draw((4, 4)))
    for training in (True, False):
        model = _Scripted().train(training)
        work["eval_model"](model, loader)
        assert not any(mode for mode, _ in model.modes)
        assert model.training == training
    model = _Scripted(raises=True)
    try:
        work["eval_model"](model, loader)
    except RuntimeError:
        assert model.training
    else:
        raise AssertionError("the exception was swallowed")


def device(work: Work) -> None:
    seen = []

    class Elsewhere(_Scripted):
        def predict(self, images: Tensor) -> Tensor:
            seen.append(images.device.type)
            return torch.zeros(len(images), dtype=torch.int64)

    with contextlib.suppress(RuntimeError, NotImplementedError):  # nothing can be counted there
        work["eval_model"](Elsewhere(), _loader(_draw((4,))), device="meta")
    assert seen == ["meta"]


def no_gradients(work: Work) -> None:
    model = _Scripted()
    work["eval_model"](model, _loader(_draw((4, 3))))
    assert model.modes
    assert not any(gradients for _, gradients in model.modes)
    assert torch.is_grad_enabled()
