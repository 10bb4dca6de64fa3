"""Confusion matrices: eleven-way, or known and unknown alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from solutions.errors import UserError
from solutions.zoo.metrics.confusion import as_table, row_shares
from solutions.zoo.plots.canvas import FAINT, INK, label, png

DARK = 0.55  # of the colour scale: numbers are white from here on


def plot_confusion(
    counts: ArrayLike,
    names: Sequence[str] = (),
    *,
    shares: bool = False,
    title: str = "confusion",
) -> bytes:
    """Draw a confusion matrix with a number in each cell.

    Cells are coloured by the square root of their share of the row: the errors, a few per cent of a
    row, would otherwise be as white as nothing at all.

    Args:
        counts: (C, C), rows the truth, columns the prediction, unknown last.
        names: Of the C classes; by default 0, 1, … and unknown, or known and unknown where C = 2.
        shares: Write each row's shares in per cent instead of counts.
        title: Of the picture.

    Returns:
        A PNG.

    Raises:
        UserError: Not a square of at least two, a number is negative or NaN, or there are not C
            names.
    """
    table = as_table(counts)
    classes = list(names) or _names(len(table))
    if len(classes) != len(table):
        raise UserError(f"{len(table)} classes and {len(classes)} names: one a class is needed")
    rows = row_shares(table)
    side = max(3.4, 1.5 + 0.56 * len(table))
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(rows), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*table.shape):
        share, count = rows[row, column], table[row, column]
        said = _per_cent(float(share)) if shares else f"{int(count):,}"
        zero = not count
        colour = FAINT if zero else "white" if np.sqrt(share) > DARK else INK
        axes.text(
            column, row, said, ha="center", va="center", fontsize=_size(len(table)), color=colour
        )
    unit = "each row's shares, %" if shares else "images"
    label(axes, f"{title} ({unit})", "prediction", "truth")
    axes.set_xticks(range(len(table)), classes)
    if max(map(len, classes)) > 7:
        for name in axes.get_xticklabels():
            name.set(rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(table)), classes)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.spines[:].set_visible(False)
    return png(figure)


def _names(count: int) -> list[str]:
    if count == 2:
        return ["known", "unknown"]
    return [*(str(index) for index in range(count - 1)), "unknown"]


def _size(count: int) -> float:
    return 11.0 if count <= 3 else 7.5


def _per_cent(share: float) -> str:
    """No zero for what occurs, no hundred for what falls short of it."""
    if share in (0, 1):
        return f"{100 * share:.0f}"
    if share < 0.0005:
        return "<.1"
    return ">99.9" if share > 0.9995 else f"{100 * share:.1f}"
