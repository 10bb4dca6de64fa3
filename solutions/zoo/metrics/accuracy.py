"""Accuracies after rejection: a known image that is rejected counts as an error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from datasets.image_set import UNKNOWN
from solutions.errors import UserError
from solutions.zoo.metrics.checked import as_classes, require_same_length


@dataclass(frozen=True)
class Accuracies:
    """Shares of images, in [0, 1].

    Attributes:
        known: Of known images, those given their class.
        unknown: Of unknown images, those rejected.
        total: Of all images, those right either way; moves with how many of each there are.
        known_unknown: Of all images, those on the right side, whatever the class.
    """

    known: float
    unknown: float
    total: float
    known_unknown: float


def accuracies(labels: ArrayLike, predictions: ArrayLike, num_known: int = 10) -> Accuracies:
    """Accuracies of predictions.

    Args:
        labels: int (N,), the truth: 0 to K - 1, or 10.
        predictions: int (N,), the same range, after rejection.
        num_known: How many known classes there are, K, 1 to 10.

    Raises:
        UserError: Known or unknown images are missing, the shapes differ, or a value is no class.
    """
    truth = as_classes(labels, "labels", num_known)
    said = as_classes(predictions, "predictions", num_known)
    require_same_length(labels=truth, predictions=said)
    is_unknown = truth == UNKNOWN
    require_both(int(is_unknown.sum()), len(truth))
    right = truth == said
    return Accuracies(
        known=float(right[~is_unknown].mean()),
        unknown=float(right[is_unknown].mean()),
        total=float(right.mean()),
        known_unknown=float(np.mean(is_unknown == (said == UNKNOWN))),
    )


def require_both(unknown: int, total: int) -> None:
    """Does nothing where there are known and unknown images.

    Args:
        unknown: How many images are unknown.
        total: How many there are.

    Raises:
        UserError: One kind is missing.
    """
    if unknown in (0, total):
        side = "known" if unknown else "unknown"
        raise UserError(f"no image is {side}: open-set metrics need known and unknown images")
