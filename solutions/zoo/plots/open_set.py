"""The pictures that every method has, from what `metrics.summary` is given as well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datasets.image_set import UNKNOWN
from solutions.zoo.metrics.checked import Classes, Scores
from solutions.zoo.metrics.confusion import confusion, known_unknown_confusion
from solutions.zoo.metrics.oscr import oscr_curve
from solutions.zoo.metrics.roc import roc_curve
from solutions.zoo.plots.confusion import plot_confusion
from solutions.zoo.plots.oscr import plot_oscr
from solutions.zoo.plots.roc import plot_roc
from solutions.zoo.plots.scores import plot_scores


def open_set_pictures(
    labels: Classes,
    closed_set: Classes,
    scores: Scores,
    threshold: float,
    families: NDArray[np.str_],
    names: Sequence[str],
    title: str,
) -> dict[str, bytes]:
    """Draw curves and scores, a line or panel an unknown family, and what was taken for what.

    Args:
        labels: int (N,), the truth: 0 to K - 1, or 10 = unknown.
        closed_set: int (N,), predicted without rejection, 0 to K - 1.
        scores: (N,), high = more likely unknown.
        threshold: Scores strictly above it are rejected; infinite rejects nothing.
        families: str (N,), which family each image is of. Only those of unknown images count.
        names: Of the K known classes.
        title: Of each picture.

    Returns:
        PNGs by file name.

    Raises:
        UserError: Known or unknown images are missing, the shapes differ, a value is no class, or
            a score is NaN or infinite.
    """
    is_unknown = labels == UNKNOWN
    known = scores[~is_unknown]
    right = (labels == closed_set)[~is_unknown]
    unknown = {
        str(family): scores[is_unknown & (families == family)]
        for family in np.unique(families[is_unknown])
    }
    counts = confusion(labels, np.where(scores > threshold, UNKNOWN, closed_set), len(names))
    sides = known_unknown_confusion(counts)
    return {
        "roc.png": plot_roc({name: roc_curve(known, of) for name, of in unknown.items()}, title),
        "oscr.png": plot_oscr(
            {name: oscr_curve(right, known, of) for name, of in unknown.items()}, title
        ),
        "scores.png": plot_scores(known, unknown, threshold, title),
        "confusion.png": plot_confusion(counts, [*names, "unknown"], title=title),
        "known_unknown.png": plot_confusion(sides, ("known", "unknown"), title=title),
    }
