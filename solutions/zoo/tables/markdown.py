"""Numbers as Markdown tables: per cent, mean ± standard deviation over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

from solutions.zoo.tables.measuring import Cell

Number = Callable[[Cell], float | None]
NOTHING = "\u2013"  # an en dash


def spread(cells: Sequence[Cell], number: Number, scale: float = 100.0, places: int = 2) -> str:
    """One number over the seeds, as text; a dash where no cell has it.

    Args:
        cells: Of one method, a seed each.
        number: Takes it out of a cell.
        scale: What to multiply it by; 100 makes shares per cent.
        places: Digits after the point.
    """
    values = [scale * value for cell in cells if (value := number(cell)) is not None]
    if not values:
        return NOTHING
    mean = f"{statistics.fmean(values):.{places}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(values):.{places}f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [list(header), ["---", *("---:" for _ in header[1:])], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_summary(name: str) -> Number:
    """Takes a number out of a cell's summary."""
    return lambda cell: cell["summary"][name]


def of_family(family: str, name: str) -> Number:
    """Takes a number out of a cell's summary of one unknown family; None where it is not there."""
    return lambda cell: cell["summary"]["families"].get(family, {}).get(name)
