"""OSCR: known images classified correctly against unknown images accepted.

Source: A. Dhamija, M. Günther and T. Boult, Reducing Network Agnostophobia, NeurIPS 2018, eq. 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import auc

from solutions.zoo.metrics.checked import (
    Mask,
    Scores,
    as_mask,
    as_sides,
    require_same_length,
    require_share,
)


@dataclass(frozen=True, eq=False)
class OscrCurve:
    """Both rates at every threshold that makes a difference.

    Attributes:
        thresholds: float64 (P,), rising from -inf, which accepts nothing, to the highest score,
            which accepts everything; scores strictly above are rejected.
        fpr: float64 (P,), the share of unknown images accepted, rising from 0 to 1.
        ccr: float64 (P,), the share of known images accepted and classified correctly, rising from
            0 to the closed-set accuracy.
    """

    thresholds: NDArray[np.float64]
    fpr: NDArray[np.float64]
    ccr: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The area below, by trapezoids: equals `oscr_area`."""
        return float(auc(self.fpr, self.ccr))


def oscr_curve(
    known_correct: ArrayLike, known_scores: ArrayLike, unknown_scores: ArrayLike
) -> OscrCurve:
    """The OSCR curve.

    Args:
        known_correct: bool (N,), whether each known image's class is right without rejection.
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite, or the lengths differ.
    """
    correct, known, unknown = _checked(known_correct, known_scores, unknown_scores)
    thresholds = np.concatenate([[-np.inf], np.unique(np.concatenate([known, unknown]))])
    right = np.sort(known[correct])
    accepted_right = np.searchsorted(right, thresholds, side="right")
    accepted_unknown = np.searchsorted(np.sort(unknown), thresholds, side="right")
    return OscrCurve(thresholds, accepted_unknown / len(unknown), accepted_right / len(known))


def oscr_area(
    known_correct: ArrayLike, known_scores: ArrayLike, unknown_scores: ArrayLike
) -> float:
    """The area under the OSCR curve, counted rather than integrated.

    The mean over known i and unknown j of 1[i correct] · (1[s_i < u_j] + ½ · 1[s_i = u_j]), in
    O((N + M) log M). At most AUROC, where every image counts, and at most the closed-set accuracy.

    Args:
        known_correct: bool (N,), whether each known image's class is right without rejection.
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).

    Returns:
        In [0, 1].

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite, or the lengths differ.
    """
    correct, known, unknown = _checked(known_correct, known_scores, unknown_scores)
    ordered = np.sort(unknown)
    right = known[correct]
    not_above = np.searchsorted(ordered, right, side="right")
    below = np.searchsorted(ordered, right, side="left")
    # 2 · above + ties, in integers, so that no order of the images rounds differently.
    halves = int((2 * len(unknown) - not_above - below).sum())
    return halves / (2 * len(known) * len(unknown))


def ccr_at_fpr(
    known_correct: ArrayLike, known_scores: ArrayLike, unknown_scores: ArrayLike, fpr: float
) -> float:
    """The highest correct classification rate of a threshold that accepts at most `fpr`.

    No interpolation: some threshold does just this.

    Args:
        known_correct: bool (N,), whether each known image's class is right without rejection.
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).
        fpr: The share of unknown images that may be accepted, in [0, 1].

    Returns:
        In [0, closed-set accuracy].

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite, the lengths differ, or `fpr` is no
            share.
    """
    require_share(fpr, "fpr")
    curve = oscr_curve(known_correct, known_scores, unknown_scores)
    return float(curve.ccr[np.searchsorted(curve.fpr, fpr, side="right") - 1])


def _checked(
    known_correct: ArrayLike, known_scores: ArrayLike, unknown_scores: ArrayLike
) -> tuple[Mask, Scores, Scores]:
    correct = as_mask(known_correct, "known_correct")
    known, unknown = as_sides(known_scores, unknown_scores)
    require_same_length(known_correct=correct, known_scores=known)
    return correct, known, unknown
