"""What every picture shares: colours, axes without clutter, and the PNG."""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# As in the assignment's pictures; to import them from there would bring torch along.
KNOWN_COLOUR, UNKNOWN_COLOUR, INK, FAINT = "#2b6cb0", "#dd6b20", "#2d3748", "#a0aec0"

DPI = 130

# Told apart by every common kind of colour vision, and by their dashes where there is no colour.
LINES = (KNOWN_COLOUR, UNKNOWN_COLOUR, "#009e73", "#aa4499", "#56b4e9", "#882255", "#999933")
DASHES = ("-", "--", "-.", ":")


def per_cent(share: float, position: float = 0) -> str:
    """A tick's share in per cent, no digit too many; its position, which ticks pass, is unused."""
    return f"{100 * share:.6g}%"


def line_style(index: int) -> tuple[str, str]:
    """Colour and dash of the index-th line; 28 differ."""
    lap, place = divmod(index, len(LINES))
    return LINES[place], DASHES[(place + lap) % len(DASHES)]


def label(axes: Axes, title: str, x: str, y: str) -> None:
    """Title at the left, names of the axes with their units."""
    axes.set_title(title, fontsize=10, color=INK, loc="left")
    axes.set_xlabel(x, fontsize=9, color=INK)
    axes.set_ylabel(y, fontsize=9, color=INK)


def tidy(axes: Axes) -> None:
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8)


def png(figure: Figure) -> bytes:
    """Render, without a window; the file does not say which matplotlib drew it."""
    buffer = io.BytesIO()
    metadata = {"Software": None}
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white", metadata=metadata)
    return buffer.getvalue()
