"""The picture of the page: how many times as fast ours is, for everything that has a peer."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from solutions.zoo.plots.canvas import FAINT, INK, KNOWN_COLOUR, UNKNOWN_COLOUR, label, png, tidy


def draw(bars: Sequence[tuple[str, float]]) -> bytes:
    """A PNG; bars to the right of 1 are faster than the peer, those to the left slower.

    Args:
        bars: Names, and times as fast, above 0.
    """
    figure = Figure(figsize=(9, 1 + 0.28 * len(bars)), layout="constrained")
    axes = figure.subplots()
    places = range(len(bars))[::-1]
    for place, (_, times) in zip(places, bars, strict=True):
        colour = KNOWN_COLOUR if times >= 1 else UNKNOWN_COLOUR
        axes.barh(place, times - 1, left=1, color=colour, height=0.7)
        axes.annotate(
            f"{times:,.3g}" if times < 1000 else f"{times:,.0f}", (max(times, 1), place), (4, 0),
            textcoords="offset points", va="center", fontsize=8, color=INK,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yticks(list(places), [name for name, _ in bars])
    axes.axvline(1, color=FAINT, linewidth=1)
    axes.margins(x=0.12)
    label(axes, "ours beside others", "times as fast (left of 1: slower)", "")
    tidy(axes)
    return png(figure)
