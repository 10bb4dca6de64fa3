"""Macro-F1 of several methods against the strictness of their thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from solutions.errors import UserError
from solutions.zoo.plots.canvas import FAINT, INK, label, line_style, per_cent, png, tidy

Curves = Mapping[str, Sequence[float]]


def plot_f1_curves(rejected: Sequence[float], families: Mapping[str, Curves], title: str) -> bytes:
    """Draw a panel a family and in it a line a method.

    Args:
        rejected: (T,) shares of held-out known images that the thresholds reject, above 0, rising.
        families: By the family's name: by the method's name, macro-F1 (T,) in [0, 1].
        title: Of the picture.

    Returns:
        A PNG.

    Raises:
        UserError: There is no family or method, or a curve is of another length.
    """
    if not families or not all(families.values()):
        raise UserError(f"{title}: there is no curve to draw")
    figure = Figure(figsize=(4.2 * len(families) + 2.4, 4.2), layout="constrained")
    panels: list[Axes] = list(figure.subplots(1, len(families), sharey=True, squeeze=False)[0])
    for axes, (family, curves) in zip(panels, families.items(), strict=True):
        for index, (method, values) in enumerate(curves.items()):
            if len(values) != len(rejected):
                raise UserError(f"{method} on {family}: {len(values)} values for {len(rejected)}")
            colour, dash = line_style(index)
            axes.plot(rejected, values, color=colour, linestyle=dash, linewidth=1.6, label=method)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(per_cent)
        label(axes, family, "held-out digits rejected, logarithmic", "")
        axes.grid(color=FAINT, alpha=0.3, linewidth=0.6)
        tidy(axes)
    panels[0].set_ylabel("macro-F1 over eleven classes", fontsize=9, color=INK)
    figure.suptitle(title, fontsize=10, color=INK, x=0.01, ha="left")
    panels[-1].legend(
        frameon=False, fontsize=8, labelcolor=INK, loc="center left", bbox_to_anchor=(1.02, 0.5)
    )
    return png(figure)
