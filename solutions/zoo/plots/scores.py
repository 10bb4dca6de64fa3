"""Histograms of scores: known images against each unknown family, with the threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from solutions.errors import UserError
from solutions.zoo.metrics.checked import Scores, as_scores, require_threshold
from solutions.zoo.plots.canvas import INK, KNOWN_COLOUR, UNKNOWN_COLOUR, label, per_cent, png, tidy

BINS = 80
TAIL = 0.005  # of each kind on either side may be beyond the axis; it is put into the outer bins


def plot_scores(
    known_scores: ArrayLike,
    unknown_scores: Mapping[str, ArrayLike],
    threshold: float,
    title: str = "scores",
) -> bytes:
    """Draw one panel a family, all on one axis.

    Args:
        known_scores: (N,), N >= 1, high = more likely unknown.
        unknown_scores: (M,) by family; a family without an image is drawn as such.
        threshold: Scores strictly above it are rejected; infinite rejects nothing.
        title: Of the picture, such as the method's name.

    Returns:
        A PNG.

    Raises:
        UserError: There is no known image or no family, a score is NaN or infinite, or the
            threshold NaN.
    """
    known = as_scores(known_scores, "known images")
    require_threshold(threshold)
    if not unknown_scores:
        raise UserError("a histogram of scores needs at least one family of unknown images")
    families = {name: _side(scores, name) for name, scores in unknown_scores.items()}
    bins = _bins([known, *families.values()], threshold)
    figure = Figure(figsize=(9, 1.1 + 1.7 * len(families)), layout="constrained")
    panels: list[Axes] = list(figure.subplots(len(families), 1, sharex=True, squeeze=False)[:, 0])
    for axes, (name, unknown) in zip(panels, families.items(), strict=True):
        _histogram(axes, known, "known", KNOWN_COLOUR, bins, threshold)
        _histogram(axes, unknown, name, UNKNOWN_COLOUR, bins, threshold)
        if math.isfinite(threshold):
            axes.axvline(threshold, color=INK, linewidth=1.4, linestyle="--")
        label(axes, "", "", "share of its kind")
        axes.yaxis.set_major_formatter(per_cent)
        axes.margins(x=0.01)
        axes.set_ylim(top=1.4 * axes.get_ylim()[1])  # room for the legend
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)
        tidy(axes)
    at = f"threshold {threshold:.4g}, dashed" if math.isfinite(threshold) else "rejects nothing"
    if threshold == -math.inf:
        at = "rejects everything"
    label(panels[0], f"{title} ({at})", "", "share of its kind")
    panels[-1].set_xlabel(
        "score, high = more likely unknown (the outer bins hold what lies beyond)",
        fontsize=9,
        color=INK,
    )
    return png(figure)


def _side(scores: ArrayLike, name: str) -> Scores:
    """Scores of a family, which may have no image."""
    return np.empty(0) if np.size(scores) == 0 else as_scores(scores, name)


def _bins(sides: list[Scores], threshold: float) -> NDArray[np.float64]:
    """Edges that show the bulk of every side and the threshold, whatever the outliers."""
    ends = [np.quantile(side, [TAIL, 1 - TAIL]) for side in sides if len(side)]
    if math.isfinite(threshold):
        ends.append(np.array([threshold, threshold]))
    low, high = float(np.min(ends)), float(np.max(ends))
    margin = 0.02 * (high - low)
    size = max(abs(low), abs(high), 1e-9)
    if margin < 1e-9 * size:  # one number, or so close that bins would have no width
        margin = 0.5 * size
    return np.linspace(low - margin, high + margin, BINS + 1)


def _histogram(
    axes: Axes,
    scores: Scores,
    name: str,
    colour: str,
    bins: NDArray[np.float64],
    threshold: float,
) -> None:
    # Shares, not counts: there may be far more of one kind than of the other.
    counts, _ = np.histogram(np.clip(scores, bins[0], bins[-1]), bins)
    said = f"{name}: no images"
    if len(scores):
        said = f"{name}: {len(scores):,} images, {np.mean(scores > threshold):.2%} rejected"
    shares = counts / max(len(scores), 1)
    axes.stairs(shares, bins, fill=True, color=colour, alpha=0.55, label=said)
