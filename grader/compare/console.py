"""A comparison on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ..console import METRIC_TITLES, escape, percent
from ..published import CAVEAT
from .entrants import FIGURES, Comparison

NAME, FAMILY = 24, 12  # columns that a table of families needs, for names and for each family
FIGURE = 8  # of a percentage


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print one table of all figures, and where there are families, one of those."""
    where = ", public data" if comparison.images.tier == "hidden" else ""
    reference = f"the reference{where}"
    titles = [METRIC_TITLES[figure].removesuffix(" accuracy") for figure in FIGURES]
    table = _table(f"Accuracy, {escape(str(comparison.images))}", titles)
    for entrant in comparison.entrants:
        figures = (percent(entrant.metrics[figure]) for figure in FIGURES)
        table.add_row(escape(entrant.name), *figures)
    if comparison.reference:
        figures = (percent(comparison.reference.get(figure)) for figure in FIGURES)
        table.add_row(reference, *figures, style="bold")
    for system in comparison.published:
        accuracies = (system.known_accuracy, system.unknown_accuracy, system.total_accuracy)
        table.add_row(f"published: {system.name}", *map(percent, accuracies), style="dim")
    console.print(table)
    if comparison.published:
        console.print(f"[dim]{CAVEAT}[/]", soft_wrap=True)
    else:
        data = escape(comparison.images.data)
        console.print(f"[dim]no published system was measured on {data}[/]", soft_wrap=True)
    for families in _chunks(comparison.families, console.width):
        console.print(_families(comparison, families, reference))


def _chunks(families: Sequence[str], columns: int) -> list[Sequence[str]]:
    """The families in as many tables as it takes for each to fit."""
    fit = max(1, (columns - NAME) // FAMILY)
    return [families[start : start + fit] for start in range(0, len(families), fit)]


def _families(comparison: Comparison, families: Sequence[str], reference: str) -> Table:
    table = _table("Rejected, by family", [escape(family) for family in families])
    for entrant in comparison.entrants:
        measured = entrant.metrics["per_family"]
        shares = (percent(measured.get(family)) for family in families)
        table.add_row(escape(entrant.name), *shares)
    if comparison.reference:
        measured = comparison.reference["per_family"]
        shares = (percent(measured.get(family)) for family in families)
        table.add_row(reference, *shares, style="bold")
    return table


def _table(title: str, columns: list[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", overflow="fold", min_width=FIGURE)
    return table
