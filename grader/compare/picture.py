"""A comparison as one picture: known against unknown, and every figure on a line of its own."""

from __future__ import annotations

from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ..console import METRIC_TITLES
from ..pictures import FAINT, KNOWN, TEXT, UNKNOWN, mark_others, plain, png, tidy
from .entrants import FIGURES, Comparison

Colour = str | tuple[float, float, float, float]
NAMED = 9  # entrants with a colour and a name of their own; of more, all are alike


def draw_comparison(comparison: Comparison) -> bytes:
    """Draw a comparison as a PNG."""
    lines = len(FIGURES) + len(comparison.families)
    figure = Figure(figsize=(12, max(5.5, 1.5 + 0.4 * lines)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
    colours = _colours(comparison)
    _draw_plane(left, comparison, colours)
    _draw_lines(right, comparison, colours)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return png(figure)


def _colours(comparison: Comparison) -> list[Colour]:
    count = len(comparison.entrants)
    if count > NAMED:
        return [KNOWN] * count
    # Without the map's second colour, which is the reference's.
    return [colormaps["tab10"](index + (index > 0)) for index in range(count)]


def _draw_plane(axes: Axes, comparison: Comparison, colours: list[Colour]) -> None:
    axes.set_title(str(comparison.images), **TEXT)
    named = len(comparison.entrants) <= NAMED
    for entrant, colour in zip(comparison.entrants, colours, strict=True):
        label = plain(entrant.name) if named else "_"
        if not named and entrant is comparison.entrants[0]:
            label = f"{len(comparison.entrants)} submissions"
        axes.scatter(
            entrant.metrics["known_accuracy"], entrant.metrics["unknown_accuracy"],
            s=50, color=[colour], alpha=1 if named else 0.6, zorder=3, label=label,
        )  # fmt: skip
    mark_others(axes, comparison.reference, comparison.published)


def _draw_lines(axes: Axes, comparison: Comparison, colours: list[Colour]) -> None:
    axes.set_title("all figures, and the share of each family rejected", **TEXT)
    names = [*FIGURES, *comparison.families]
    size = 28 if len(colours) <= NAMED else 8
    for line, name in enumerate(names):
        axes.axhline(line, color=FAINT, linewidth=0.5, zorder=0)
        for place, (entrant, colour) in enumerate(zip(comparison.entrants, colours, strict=True)):
            if (value := _figure(entrant.metrics, name)) is not None:
                # Side by side, for equal figures would hide each other.
                aside = 0.5 * ((place + 1) / (len(colours) + 1) - 0.5)
                axes.scatter(value, line + aside, s=size, color=[colour], linewidth=0, zorder=3)
        if comparison.reference and (value := _figure(comparison.reference, name)) is not None:
            axes.scatter(value, line, s=150, marker="*", color=UNKNOWN, edgecolor="white", zorder=2)
    titles = [METRIC_TITLES.get(name, f"rejected: {plain(name)}") for name in names]
    axes.set_yticks(range(len(names)), titles)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    tidy(axes)


def _figure(metrics: dict[str, Any], name: str) -> float | None:
    value = metrics.get(name) if name in FIGURES else metrics["per_family"].get(name)
    return None if value is None else float(value)
