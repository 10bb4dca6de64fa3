"""Two sides as scikit-learn takes them: one array of targets, one of scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solutions.zoo.metrics.checked import Classes, Mask, Scores, as_sides


def pooled(known_scores: ArrayLike, unknown_scores: ArrayLike) -> tuple[Mask, Classes, Scores]:
    """Known and unknown images in one row, their scores replaced by dense ranks.

    scikit-learn tells scores apart by their differences, which overflow between extreme ones;
    ranks carry the same order and the same ties, and never do.

    Args:
        known_scores: (N,).
        unknown_scores: (M,).

    Returns:
        bool (N + M,), which images are unknown; int64 (N + M,), the rank of each score, ties
        sharing one; float64 (R,), the distinct scores by rank.

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite.
    """
    known, unknown = as_sides(known_scores, unknown_scores)
    is_unknown = np.repeat([False, True], [len(known), len(unknown)])
    distinct, ranks = np.unique(np.concatenate([known, unknown]), return_inverse=True)
    return is_unknown, ranks.astype(np.int64), distinct
