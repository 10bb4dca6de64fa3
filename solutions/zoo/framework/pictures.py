"""From results to the pictures in a run's `plots/`."""

from __future__ import annotations

import numpy as np

from solutions.zoo.framework.results import Results
from solutions.zoo.plots.embeddings import plot_embeddings
from solutions.zoo.plots.open_set import open_set_pictures


def curves_and_tables(results: Results, title: str) -> dict[str, bytes]:
    """ROC, OSCR, scores and both confusion matrices, as PNGs by file name."""
    return open_set_pictures(
        results.labels,
        results.closed_set,
        results.scores,
        results.threshold,
        results.families,
        [str(name) for name in results.classes],
        title,
    )


def embeddings(results: Results, most: int, seed: int, title: str) -> bytes:
    """t-SNE of `most` embeddings, as a PNG.

    Raises:
        UserError: There are fewer than five, or all are the same.
    """
    labels = results.labels.copy()
    if set(results.classes) <= set(range(10)):  # a digit is drawn as itself
        labels[results.known] = np.array(results.classes)[labels[results.known]]
    return plot_embeddings(results.embeddings, labels, seed, most, title)
