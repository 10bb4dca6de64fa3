"""Rising curves of several methods in the unit square: once whole, once where errors are rare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from solutions.errors import UserError
from solutions.zoo.plots.canvas import FAINT, INK, label, line_style, per_cent, png, tidy

FEWEST = 1e-5  # share of images: less is drawn at the left edge of the logarithmic panel


@dataclass(frozen=True, eq=False)
class Line:
    """One method's curve.

    Attributes:
        name: Of the method, for the legend.
        x: (P,), in [0, 1], rising.
        y: (P,), in [0, 1].
        area: Below the curve, for the legend.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    area: float


def draw_curves(lines: list[Line], title: str, x: str, y: str, area: str) -> bytes:
    """Draw the lines, the one with the largest area first in the legend.

    Good methods crowd into the upper left corner, so the right panel has a logarithmic x axis.

    Args:
        lines: At least one.
        title: Of the picture.
        x: What the horizontal axis shows.
        y: What the vertical axis shows.
        area: What the area is called.

    Raises:
        UserError: There is no line.
    """
    if not lines:
        raise UserError(f"{title}: there is no method to draw")
    figure = Figure(figsize=(10, 4.4 + 0.16 * max(0, len(lines) - 6)), layout="constrained")
    whole, rare = figure.subplots(1, 2)
    positive = np.concatenate([line.x[line.x > 0] for line in lines] + [np.ones(1)])
    least = max(float(positive.min()), FEWEST)
    for index, line in enumerate(sorted(lines, key=lambda line: -line.area)):
        colour, dash = line_style(index)
        name = f"{line.name} ({area} {line.area:.4f})"
        for axes, shown in ((whole, line.x), (rare, np.maximum(line.x, least / 2))):
            axes.plot(shown, line.y, color=colour, linestyle=dash, linewidth=1.6, label=name)
    label(whole, title, x, y)
    label(rare, "the same, where errors are rare", f"{x}, logarithmic", "")
    rare.set_xscale("log")
    rare.set_xlim(least / 2, 1)
    whole.set_xlim(-0.01, 1)
    for axes in (whole, rare):
        _percent(axes)
    whole.legend(frameon=False, fontsize=8, loc="lower right", labelcolor=INK)
    return png(figure)


def _percent(axes: Axes) -> None:
    axes.set_ylim(0, 1.01)
    axes.xaxis.set_major_formatter(per_cent)
    axes.yaxis.set_major_formatter(per_cent)
    axes.grid(color=FAINT, alpha=0.3, linewidth=0.6)
    tidy(axes)
