"""ROC curves of several methods."""

from __future__ import annotations

from collections.abc import Mapping

from solutions.zoo.metrics.roc import RocCurve
from solutions.zoo.plots.curves import Line, draw_curves


def plot_roc(curves: Mapping[str, RocCurve], title: str = "ROC, unknown positive") -> bytes:
    """Draw unknown images rejected against known images rejected.

    Args:
        curves: By the method's name, at least one.
        title: Of the picture, such as the family of unknown images.

    Returns:
        A PNG.

    Raises:
        UserError: There is no curve.
    """
    lines = [
        Line(name, curve.known_rejected, curve.unknown_rejected, curve.area)
        for name, curve in curves.items()
    ]
    return draw_curves(lines, title, "known images rejected", "unknown images rejected", "AUROC")
