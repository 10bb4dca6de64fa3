"""From scores to the pictures in a run's `plots/`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.files import write_whole
from solutions.zoo.framework.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BINS = 60


def draw(results: Results, folder: Path) -> list[Path]:
    """ROC curves and a histogram of scores.

    Args:
        results: Of one run.
        folder: Is made where it is missing.

    Returns:
        The files that were written.

    Raises:
        DataError: The folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {"roc.png": roc(results), "scores.png": histogram(results)}
    for name, figure in figures.items():
        write_whole(folder / name, partial(figure.savefig, format="png", dpi=120))
    return [folder / name for name in figures]


def roc(results: Results) -> Figure:
    """A curve a family: unknown images rejected against known images rejected."""
    from sklearn.metrics import roc_curve

    figure, axes = _figure()
    for name, scores in results.unknown.items():
        truth = np.concatenate([np.zeros(len(results.known)), np.ones(len(scores))])
        false, true, _ = roc_curve(truth, np.concatenate([results.known, scores]))
        axes.plot(false, true, label=name)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="known images rejected", ylabel="unknown images rejected", title="ROC")
    axes.legend(loc="lower right")
    return figure


def histogram(results: Results) -> Figure:
    """Scores of known and unknown images, and the threshold between them."""
    figure, axes = _figure()
    every = {"known": results.known, **results.unknown}
    low, high = np.percentile(np.concatenate(list(every.values())), [0.5, 99.5])
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1).tolist()
    for name, scores in every.items():
        # The last bin holds what lies beyond it, so that no far image is missing from the picture.
        axes.hist(np.clip(scores, edges[0], edges[-1]), edges, density=True, alpha=0.5, label=name)
    if np.isfinite(results.threshold):
        axes.axvline(results.threshold, color="black", linewidth=1, label="threshold")
    axes.set(xlabel="score, high = more likely unknown", ylabel="density", title="scores")
    axes.legend()
    return figure


def _figure() -> tuple[Figure, Axes]:
    """A figure that no window and no global state of pyplot knows of."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    return figure, figure.subplots()
