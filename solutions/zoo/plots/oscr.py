"""OSCR curves of several methods."""

from __future__ import annotations

from collections.abc import Mapping

from solutions.zoo.metrics.oscr import OscrCurve
from solutions.zoo.plots.curves import Line, draw_curves


def plot_oscr(curves: Mapping[str, OscrCurve], title: str = "OSCR") -> bytes:
    """Draw known images classified correctly against unknown images accepted.

    Args:
        curves: By the method's name, at least one.
        title: Of the picture, such as the family of unknown images.

    Returns:
        A PNG.

    Raises:
        UserError: There is no curve.
    """
    lines = [Line(name, curve.fpr, curve.ccr, curve.area) for name, curve in curves.items()]
    return draw_curves(
        lines, title, "unknown images accepted", "known images classified correctly", "area"
    )
