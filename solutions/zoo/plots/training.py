"""What happened over a training: accuracies and losses against epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from solutions.errors import UserError
from solutions.zoo.plots.canvas import FAINT, INK, label, line_style, per_cent, png, tidy

Series = Mapping[str, Sequence[float]]


def plot_training(
    epochs: Sequence[int], accuracies: Series, losses: Series, title: str = "training"
) -> bytes:
    """Draw accuracies at the left and losses at the right; a panel without series is left out.

    Args:
        epochs: When was measured, rising, at least one.
        accuracies: By name, such as "known" and "unknown", a share for each epoch; NaN where
            nothing was measured, which the line bridges.
        losses: By name, a number for each epoch, the same.
        title: Of the picture, such as the method's name.

    Returns:
        A PNG.

    Raises:
        UserError: There is no epoch or no series, a series is of another length, or an accuracy is
            no share.
    """
    at = np.asarray(epochs)
    if at.ndim != 1 or not len(at) or (np.diff(at) <= 0).any():
        raise UserError("epochs rise, and there is at least one of them")
    drawn = [(name, series) for name, series in _panels(accuracies, losses) if series]
    if not drawn:
        raise UserError("there is no accuracy and no loss to draw over the training")
    figure = Figure(figsize=(4.8 * len(drawn) + 0.8, 3.4), layout="constrained")
    panels: list[Axes] = list(figure.subplots(1, len(drawn), squeeze=False)[0])
    for axes, (name, series) in zip(panels, drawn, strict=True):
        rows = {key: _checked(key, values, len(at), name) for key, values in series.items()}
        for index, (key, values) in enumerate(rows.items()):
            _line(axes, at, values, index, key)
        label(axes, f"{title}: {name}", "epoch", name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if name == "accuracy":
            axes.yaxis.set_major_formatter(per_cent)
        else:
            axes.set_ylim(bottom=min(0.0, *axes.get_ylim()))
        axes.grid(color=FAINT, alpha=0.3, linewidth=0.6)
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)
        tidy(axes)
    return png(figure)


def _panels(accuracies: Series, losses: Series) -> tuple[tuple[str, Series], ...]:
    return ("accuracy", accuracies), ("loss", losses)


def _checked(key: str, values: Sequence[float], count: int, name: str) -> NDArray[np.float64]:
    row = np.asarray(values, dtype=np.float64)
    if row.shape != (count,):
        raise UserError(f"{name} {key!r} has the shape {row.shape} for {count} epochs")
    measured = row[~np.isnan(row)]
    if name == "accuracy" and not ((measured >= 0) & (measured <= 1)).all():
        raise UserError(f"{name} {key!r} is a share, from 0 to 1; per cent are made here")
    return row


def _line(
    axes: Axes, at: NDArray[np.integer], values: NDArray[np.float64], index: int, key: str
) -> None:
    """One series; epochs without a value are bridged."""
    there = np.isfinite(values)
    colour, dash = line_style(index)
    axes.plot(
        at[there],
        values[there],
        color=colour,
        linestyle=dash,
        linewidth=1.6,
        marker="o" if there.sum() <= 20 else "",  # a single epoch would draw no line
        markersize=4,
        label=key if there.any() else f"{key}: not measured",
    )
