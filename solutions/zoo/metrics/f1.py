"""Macro-F1 over the known classes and unknown: the mean of the classes' F1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import f1_score

from datasets.image_set import UNKNOWN
from solutions.errors import UserError
from solutions.zoo.metrics.checked import (
    Classes,
    Scores,
    as_classes,
    as_scores,
    require_same_length,
)


@dataclass(frozen=True, eq=False)
class F1Curve:
    """Macro-F1 at many thresholds.

    Attributes:
        thresholds: float64 (T,); scores strictly above are rejected.
        values: float64 (T,), in [0, 1].
    """

    thresholds: NDArray[np.float64]
    values: NDArray[np.float64]


def macro_f1(labels: ArrayLike, predictions: ArrayLike, num_known: int = 10) -> float:
    """The mean F1 of the known classes and of unknown, as scikit-learn takes it.

    A class that neither a label nor a prediction names has no F1 and is left out of the mean, as
    scikit-learn does; one that only labels or only predictions name counts 0. So a prediction of
    unknown where nothing is unknown costs an eleventh at once.

    Args:
        labels: int (N,), the truth: 0 to K - 1, or 10.
        predictions: int (N,), the same range, after rejection.
        num_known: How many known classes there are, K, 1 to 10.

    Returns:
        In [0, 1].

    Raises:
        UserError: There is no image, the shapes differ, or a value is no class.
    """
    truth = as_classes(labels, "labels", num_known)
    said = as_classes(predictions, "predictions", num_known)
    require_same_length(labels=truth, predictions=said)
    return float(f1_score(truth, said, average="macro", zero_division=0))


def macro_f1_curve(
    labels: ArrayLike,
    closed_set: ArrayLike,
    scores: ArrayLike,
    thresholds: ArrayLike | None = None,
    num_known: int = 10,
) -> F1Curve:
    """Macro-F1 against the threshold, `macro_f1` at each.

    Every class's hits are counted by binary search in its own sorted scores: O(N log N + K T log N)
    instead of T passes over N images.

    Args:
        labels: int (N,), the truth: 0 to K - 1, or 10.
        closed_set: int (N,), predicted without rejection, 0 to K - 1.
        scores: (N,), high = more likely unknown.
        thresholds: (T,), in any order, possibly infinite; None takes -inf, which rejects
            everything, and every score that occurs, which is the whole curve.
        num_known: How many known classes there are, K, 1 to 10.

    Raises:
        UserError: There is no image or no threshold, the shapes differ, a value is no class, a
            score is NaN or infinite, or a threshold NaN.
    """
    truth = as_classes(labels, "labels", num_known)
    said = as_classes(closed_set, "closed-set predictions", num_known, unknown=False)
    values = as_scores(scores, "images")
    require_same_length(labels=truth, closed_set=said, scores=values)
    at = _thresholds(values, thresholds)
    total, present = np.zeros(len(at)), np.zeros(len(at))
    for known in range(num_known):
        hits = _accepted(values[(said == known) & (truth == known)], at)
        named = _accepted(values[said == known], at) + np.sum(truth == known)
        _add(total, present, hits, named)
    is_unknown = truth == UNKNOWN
    rejected = len(truth) - _accepted(values, at)
    hits = int(is_unknown.sum()) - _accepted(values[is_unknown], at)
    _add(total, present, hits, rejected + np.sum(is_unknown))
    return F1Curve(at, total / present)


def _thresholds(scores: Scores, thresholds: ArrayLike | None) -> NDArray[np.float64]:
    if thresholds is None:
        return np.concatenate([[-np.inf], np.unique(scores)])
    at = np.asarray(thresholds, dtype=np.float64)
    if at.ndim != 1 or not len(at) or np.isnan(at).any():
        raise UserError(f"thresholds are numbers (T,), at least one; these are {at.shape}")
    return at


def _accepted(scores: Scores, at: NDArray[np.float64]) -> Classes:
    """How many of these scores each threshold accepts, (T,)."""
    return np.searchsorted(np.sort(scores), at, side="right").astype(np.int64)


def _add(
    total: NDArray[np.float64], present: NDArray[np.float64], hits: Classes, named: Classes
) -> None:
    """Add one class's F1, 2 · hits / (predictions + labels), where it has one."""
    total += 2 * hits / np.maximum(named, 1)
    present += named > 0
