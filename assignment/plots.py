"""Three pictures of a training, as PNG. Given, not graded.

NumPy arrays in, bytes out: nothing here knows the model. Figures are made as objects, without
pyplot and its list of open windows, so nothing has to be closed and no display is needed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from .history import History

UNKNOWN = 10
# Blue and orange differ for every common kind of colour vision.
KNOWN_COLOUR, UNKNOWN_COLOUR, INK, FAINT = "#2b6cb0", "#dd6b20", "#2d3748", "#a0aec0"


@dataclass(frozen=True)
class Examples:
    """A few images of one family, and what the model made of them.

    Attributes:
        family: its name.
        images: float (K, 28, 28) in [-1, 1].
        reconstructions: the same shape and range.
        predictions: int (K,), 0-10.
        labels: int (K,), 0-10.
    """

    family: str
    images: NDArray[np.floating]
    reconstructions: NDArray[np.floating]
    predictions: NDArray[np.integer]
    labels: NDArray[np.integer]


def plot_losses(history: History) -> bytes:
    """Draw the three parts of the loss over the epochs, each on its own scale."""
    figure = Figure(figsize=(9, 2.8), layout="constrained")
    parts = ("classification", "reconstruction", "contrastive")
    titles = ("cross-entropy", "mean squared error", "contrastive loss, weighted")
    epochs = range(1, len(history.epochs) + 1)
    panels: list[Axes] = list(figure.subplots(1, 3))
    for axes, part, title in zip(panels, parts, titles, strict=True):
        values = [getattr(losses, part) for losses in history.epochs]
        marker = "o" if len(values) <= 20 else ""  # a single epoch would draw no line
        axes.plot(epochs, values, color=KNOWN_COLOUR, linewidth=1.8, marker=marker, markersize=4)
        axes.set_title(title, fontsize=10, color=INK, loc="left")
        axes.set_xlabel("epoch", fontsize=9, color=INK)
        axes.set_ylim(bottom=0, top=1.05 * max(values) or 1)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        tidy(axes)
    return as_png(figure)


def plot_reconstructions(groups: list[Examples]) -> bytes:
    """Draw originals above their reconstructions, with the prediction below; errors stand out.

    Args:
        groups: one a family, at least one, each with at least one image.
    """
    columns = max(len(group.images) for group in groups)
    figure = Figure(figsize=(0.85 * columns + 1.2, 2.15 * len(groups)), layout="constrained")
    bands = np.atleast_1d(np.asarray(figure.subfigures(len(groups), 1)))
    for band, group in zip(bands, groups, strict=True):
        grid = band.subplots(2, columns, squeeze=False)
        title = group.family
        if group is groups[0]:
            title += " (original, reconstruction, prediction; bold where it is wrong)"
        band.suptitle(title, fontsize=10, color=INK, x=0.01, ha="left")
        for axes in grid.flat:
            axes.set_axis_off()
        pairs = zip(group.predictions, group.labels, strict=True)
        for column, (prediction, label) in enumerate(pairs):
            for row, images in enumerate((group.images, group.reconstructions)):
                grid[row, column].imshow(images[column], cmap="gray", vmin=-1, vmax=1)
            right = prediction == label
            grid[1, column].text(
                0.5,
                -0.08,
                _verdict(int(prediction), int(label)),
                transform=grid[1, column].transAxes,
                ha="center",
                va="top",
                fontsize=8,
                color=INK if right else UNKNOWN_COLOUR,
                fontweight="normal" if right else "bold",
            )
    return as_png(figure)


def plot_errors(
    known: NDArray[np.floating], unknown: NDArray[np.floating], threshold: float
) -> bytes:
    """Draw how the reconstruction errors of known and unknown images are spread.

    The axis is logarithmic, because unknown images are redrawn not a little worse but many times.

    Args:
        known: errors of known digits that were not trained on, (N,), N >= 1, at least 0.
        unknown: errors of unknown images, (M,), M >= 1, at least 0.
        threshold: drawn as a line, above 0.
    """
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    together = np.concatenate([known, unknown, [threshold]])
    positive = together[np.isfinite(together) & (together > 0)]
    low, high = positive.min(), positive.max()
    bins = np.geomspace(low / 1.1, high * 1.1, 80)
    rejected = (np.mean(known > threshold), np.mean(unknown > threshold))
    for errors, name, share, colour in (
        (known, "known", rejected[0], KNOWN_COLOUR),
        (unknown, "unknown", rejected[1], UNKNOWN_COLOUR),
    ):
        axes.hist(
            np.clip(errors, low, high),
            bins=bins.tolist(),
            # Shares, not counts: there may be far more of one kind than of the other.
            weights=np.full(len(errors), 1 / len(errors)),
            histtype="stepfilled",
            color=colour,
            alpha=0.55,
            label=f"{name}: {len(errors):,} images, {share:.1%} rejected",
        )
    axes.axvline(threshold, color=INK, linewidth=1.5, linestyle="--")
    axes.text(
        threshold,
        0.97,
        f" threshold {threshold:.3g}",
        transform=axes.get_xaxis_transform(),
        color=INK,
        fontsize=9,
        va="top",
    )
    axes.set_xscale("log")
    axes.set_xlabel("reconstruction error (log scale)", fontsize=9, color=INK)
    axes.set_ylabel("share of its kind", fontsize=9, color=INK)
    axes.legend(frameon=False, fontsize=9, loc="upper left", labelcolor=INK)
    tidy(axes)
    return as_png(figure)


def _verdict(prediction: int, label: int) -> str:
    """Say what was predicted and, where it differs, what is true."""
    said = "unknown" if prediction == UNKNOWN else str(prediction)
    if prediction == label or label == UNKNOWN:
        return said
    return f"{said}, is {label}"


def tidy(axes: Axes) -> None:
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8)


def as_png(figure: Figure) -> bytes:
    """Render, without a window."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, facecolor="white")
    return buffer.getvalue()
