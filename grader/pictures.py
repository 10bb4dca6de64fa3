"""What the grader's figures share: colours, axes, the marks for other people's systems.

Figures are made as objects, without pyplot and its list of open windows.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .published import Published
from .text import one_line

# Blue and orange differ for every common kind of colour vision.
KNOWN, UNKNOWN, SYSTEM, INK, FAINT = "#2b6cb0", "#dd6b20", "#90cdf4", "#2d3748", "#a0aec0"
TEXT: dict[str, Any] = {"fontsize": 10, "color": INK, "loc": "left"}
LEAST_SPAN = 0.06  # of an axis of accuracies
MARKERS = "DsPXv^<>"


def mark_others(
    axes: Axes, reference: dict[str, Any] | None, published: Sequence[Published]
) -> None:
    """Mark the reference and published systems where known accuracy lies across, unknown up.

    Args:
        axes: with the students' points.
        reference: metrics as fractions; None where there are none.
        published: the systems.
    """
    for marker, system in zip(MARKERS * len(published), published, strict=False):
        label = f"published: {system.name}"
        axes.scatter(system.known_accuracy, system.unknown_accuracy, s=45, marker=marker,
                     facecolor="none", edgecolor=INK, label=label)  # fmt: skip
    if reference:
        axes.scatter(reference["known_accuracy"], reference["unknown_accuracy"], s=170, marker="*",
                     color=UNKNOWN, edgecolor="white", zorder=4, label="the reference")  # fmt: skip
    axes.set_xlabel("known accuracy", fontsize=9, color=INK)
    axes.set_ylabel("unknown accuracy", fontsize=9, color=INK)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.margins(0.08)
    axes.set_xlim(_widened(axes.get_xlim()))
    axes.set_ylim(_widened(axes.get_ylim()))
    tidy(axes)


def _widened(limits: tuple[float, float]) -> tuple[float, float]:
    """Limits with room between them: a tenth of a point must not look like a gulf."""
    low, high = limits
    missing = max(0.0, LEAST_SPAN - (high - low))
    top = min(high + missing / 2, max(high, 1.01))  # there is nothing above 1 to see
    return min(low, top - LEAST_SPAN), top


def tidy(axes: Axes) -> None:
    """Take away what is no data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8)


def plain(text: str, longest: int = 40) -> str:
    """A student's text for a figure: one line, no formula."""
    return one_line(text, longest).replace("$", r"\$")


def png(figure: Figure) -> bytes:
    """The figure's bytes."""
    with warnings.catch_warnings():
        # A name in a script that matplotlib's font lacks is drawn as boxes; nobody can act on it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
