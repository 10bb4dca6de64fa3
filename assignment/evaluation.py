"""Task 5, `evaluation`: how good is the model on digits and on everything else?

One accuracy would hide what matters: on a test set of digits alone, a model that never rejects
looks perfect. So the known and the unknown samples are counted apart, and then together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Evaluation(NamedTuple):
    """Three fractions in [0, 1]; `nan` where there was no sample to count.

    Attributes:
        known_accuracy: of the samples with a known label, how many were given that label; one that
            was rejected counts as wrong.
        unknown_accuracy: of the samples with the label 10 (unknown), how many were rejected.
        total_accuracy: of all samples, how many were given their label.
    """

    known_accuracy: float
    unknown_accuracy: float
    total_accuracy: float


def eval_model(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    device: str | torch.device = "cpu",
) -> Evaluation:
    """Measure a model's accuracy on known and on unknown samples.

    Every sample counts the same: batches may differ in size, and the last one often does. A part
    without samples is `nan`; so is all of it for an empty loader.

    While it predicts, the model is in evaluation mode (batch norm and dropout behave differently in
    training) and no gradients are recorded. Afterwards the model is in the mode it was in before,
    also when its `predict` raises.

    Args:
        model: has `predict(images) -> int64 (N,)`, labels 0-10, 10 is unknown; it is on `device`.
        loader: any iterable of `(images, labels)`: float32 (N, 1, 28, 28) in [-1, 1], and integers
            (N,), 10 is unknown. It is gone through once.
        device: where images and labels are sent, a name or a `torch.device`.

    Returns:
        The three accuracies, as Python floats.
    """
    raise NotImplementedError("task 5, evaluation: count the correct predictions")
