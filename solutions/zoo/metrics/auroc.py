"""AUROC: how often an unknown image scores above a known one."""

from __future__ import annotations

from numpy.typing import ArrayLike
from sklearn.metrics import roc_auc_score

from solutions.zoo.metrics.ranks import pooled
from solutions.zoo.metrics.sign import warn_if_reversed


def auroc(known_scores: ArrayLike, unknown_scores: ArrayLike, of: str = "") -> float:
    """Probability that an unknown image scores above a known one, ties counting half.

    The same whichever side is positive. Warns with `SignWarning` below .5.

    Args:
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).
        of: Which images these are, for the warning.

    Returns:
        In [0, 1]; .5 is chance.

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite.
    """
    is_unknown, ranks, _ = pooled(known_scores, unknown_scores)
    area = float(roc_auc_score(is_unknown, ranks))
    warn_if_reversed(area, of)
    return area
