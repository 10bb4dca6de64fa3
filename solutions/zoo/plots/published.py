"""Our results against published numbers, with the source of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from solutions.errors import UserError
from solutions.zoo.plots.canvas import FAINT, INK, KNOWN_COLOUR, UNKNOWN_COLOUR, png, tidy


@dataclass(frozen=True)
class Result:
    """One number.

    Attributes:
        group: What it was measured on, such as a family of unknown images.
        method: Its name.
        source: Where the number comes from; for ours how it was measured, such as "5 seeds".
        value: The number.
        ours: Measured by this project.
        spread: Standard deviation over seeds, None where there was one or none is told.

    Raises:
        UserError: The number is NaN or infinite, the spread too or negative, or a published number
            has no source.
    """

    group: str
    method: str
    source: str
    value: float
    ours: bool
    spread: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise UserError(f"the result of {self.method} on {self.group} is {self.value}")
        if self.spread is not None and not 0 <= self.spread < math.inf:
            raise UserError(f"the spread of {self.method} on {self.group} is {self.spread}")
        if not self.ours and not self.source.strip():
            raise UserError(f"the published result of {self.method} on {self.group} has no source")


def plot_published(results: Sequence[Result], metric: str, decimals: int = 3) -> bytes:
    """Draw a row a result, grouped, the best of each group first; ours filled, published hollow.

    Args:
        results: At least one. Groups stand in the order in which they first occur.
        metric: What the numbers are, with unit, such as "macro-F1" or "AUROC, %".
        decimals: Of the numbers that are written.

    Returns:
        A PNG.

    Raises:
        UserError: There is no result.
    """
    if not results:
        raise UserError(f"there is no result to draw for {metric}")
    groups = {result.group: [r for r in results if r.group == result.group] for result in results}
    heights = [len(rows) + 0.9 for rows in groups.values()]
    figure = Figure(figsize=(9, 0.27 * sum(heights) + 0.9), layout="constrained")
    grid = figure.subplots(
        len(groups), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    panels: list[Axes] = list(grid[:, 0])
    for axes, (group, rows) in zip(panels, groups.items(), strict=True):
        _draw_group(axes, sorted(rows, key=lambda row: (-row.value, row.method)), decimals)
        axes.set_title(group, fontsize=10, color=INK, loc="left")
    panels[-1].set_xlabel(
        f"{metric} (filled: ours, bar = standard deviation; hollow: as published)",
        fontsize=9,
        color=INK,
    )
    panels[-1].margins(x=0.08)
    return png(figure)


def _draw_group(axes: Axes, rows: list[Result], decimals: int) -> None:
    for place, row in enumerate(rows):
        colour = KNOWN_COLOUR if row.ours else UNKNOWN_COLOUR
        axes.errorbar(
            row.value,
            place,
            xerr=row.spread,
            fmt="o" if row.ours else "D",
            color=colour,
            markerfacecolor=colour if row.ours else "white",
            markersize=6,
            capsize=3,
        )
        spread = "" if row.spread is None else f" ± {row.spread:.{decimals}f}"
        # Beside the axes: inside, numbers would lie on their neighbours' dots.
        axes.text(
            1.01,
            place,
            f"{row.value:.{decimals}f}{spread}",
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=8,
            color=INK,
        )
    axes.set_yticks(range(len(rows)), [_name(row) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="both", color=FAINT, alpha=0.3, linewidth=0.6)
    tidy(axes)


def _name(row: Result) -> str:
    return f"{row.method} ({row.source})" if row.source else row.method
