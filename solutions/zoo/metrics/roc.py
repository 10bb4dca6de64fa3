"""The ROC curve: unknown images rejected against known images rejected, at every threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import auc
from sklearn.metrics import roc_curve as sklearn_roc_curve

from solutions.zoo.metrics.ranks import pooled


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Both rejection rates at every threshold that makes a difference, unknown positive.

    Attributes:
        thresholds: float64 (P,), falling; scores strictly above are rejected. The first is the
            highest score, which rejects nothing, the last -inf, which rejects everything.
        known_rejected: float64 (P,), the false positive rate, rising from 0 to 1.
        unknown_rejected: float64 (P,), the true positive rate, rising from 0 to 1.
    """

    thresholds: NDArray[np.float64]
    known_rejected: NDArray[np.float64]
    unknown_rejected: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The area below, by trapezoids: AUROC, ties counting half."""
        return float(auc(self.known_rejected, self.unknown_rejected))


def roc_curve(known_scores: ArrayLike, unknown_scores: ArrayLike) -> RocCurve:
    """The ROC curve with unknown images positive.

    Args:
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite.
    """
    is_unknown, ranks, distinct = pooled(known_scores, unknown_scores)
    false, true, at_least = sklearn_roc_curve(is_unknown, ranks, drop_intermediate=False)
    # scikit-learn rejects from a score on, the zoo strictly above one: the next lower score.
    below = at_least[1:].astype(np.int64)  # the first entry, infinity, rejects nothing
    return RocCurve(np.append(distinct[below], -np.inf), false, true)
