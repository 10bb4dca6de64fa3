"""AUPR: the area under precision against recall, which depends on the side that is positive.

As average precision, the sum of precision · step in recall, one step for all images that tie.
The trapezoid that some libraries take is too kind: precision is not linear between two points.
Source: J. Davis and M. Goadrich, The Relationship Between Precision-Recall and ROC Curves, ICML
2006. A score that knows nothing earns the positive side's share of the images, not one half.
"""

from __future__ import annotations

from numpy.typing import ArrayLike
from sklearn.metrics import average_precision_score

from solutions.zoo.metrics.ranks import pooled


def aupr_in(known_scores: ArrayLike, unknown_scores: ArrayLike) -> float:
    """Average precision with **known** images positive, found by a low score.

    Args:
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).

    Returns:
        In (0, 1].

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite.
    """
    is_unknown, ranks, _ = pooled(known_scores, unknown_scores)
    return float(average_precision_score(~is_unknown, -ranks))


def aupr_out(known_scores: ArrayLike, unknown_scores: ArrayLike) -> float:
    """Average precision with **unknown** images positive, found by a high score.

    Args:
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).

    Returns:
        In (0, 1].

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite.
    """
    is_unknown, ranks, _ = pooled(known_scores, unknown_scores)
    return float(average_precision_score(is_unknown, ranks))
