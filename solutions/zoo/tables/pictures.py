"""The pictures of `solutions/README.md`, from the measured results."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from solutions.zoo.catalogue import all_methods
from solutions.zoo.plots.f1_curve import plot_f1_curves
from solutions.zoo.plots.published import Result, plot_published
from solutions.zoo.tables.measuring import CURVE, CURVE_FAMILIES, Cell
from solutions.zoo.tables.published import published
from solutions.zoo.tables.results import Results
from solutions.zoo.tables.sections import FAMILIES

# One of each kind: a line for every method could not be told apart.
DRAWN = (
    "brightness",
    "multitask",
    "b_final",
    "resnet_energy",
    "k_plus_1",
    "openmax",
    "crosr",
    "mahalanobis",
    "vim",
    "assignment",
    "combined",
)
DRAWN_FAMILIES = {name: FAMILIES[name] for name in CURVE_FAMILIES}


def pictures(mnist: Results) -> dict[str, bytes]:
    """PNGs by file name; none where nothing was measured.

    Args:
        mnist: The results on MNIST.
    """
    methods = all_methods()
    measured = {methods[name].title: cells for name in DRAWN if (cells := mnist.of(name))}
    if not measured:
        return {}
    curves = {
        title: {method: _curve(cells, family) for method, cells in measured.items()}
        for family, title in DRAWN_FAMILIES.items()
        if all(family in cell["f1_curves"] for cells in measured.values() for cell in cells)
    }
    drawn = {"zoo-published.png": plot_published(_results(measured), "macro-F1, %", decimals=1)}
    if curves:
        drawn["zoo-f1.png"] = plot_f1_curves(CURVE, curves, "MNIST against one unknown family")
    return drawn


def _curve(cells: Sequence[Cell], family: str) -> list[float]:
    """The mean over seeds, threshold by threshold."""
    columns = zip(*(cell["f1_curves"][family] for cell in cells), strict=True)
    return [statistics.fmean(column) for column in columns]


def _results(measured: dict[str, list[Cell]]) -> list[Result]:
    """Ours and theirs, a group a family."""
    found = []
    for family, group in DRAWN_FAMILIES.items():
        for method, cells in measured.items():
            values = [
                100 * cell["summary"]["families"][family]["macro_f1"]
                for cell in cells
                if family in cell["summary"]["families"]
            ]
            if values:
                spread = statistics.stdev(values) if len(values) > 1 else None
                seeds = f"{len(values)} seed{'s' if len(values) > 1 else ''}"
                found.append(Result(group, method, seeds, statistics.fmean(values), True, spread))
        found += [
            Result(group, row["name"], row["source"], row[family], ours=False)
            for row in published("macro_f1")
            if family in row
        ]
    return found
