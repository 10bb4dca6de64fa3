"""Progress over all tasks as a bar, each task as long as it is worth points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from rich.text import Text

from .record import TaskResult
from .submission import MODULES

DONE, LEFT, UNKNOWN, BORDER = "█", "░", "·", "│"
HEAD = "Progress "
NARROWEST = 12  # cells for all tasks together, however narrow the terminal is


def progress_bar(
    worth: Mapping[str, float], results: Mapping[str, TaskResult], columns: int
) -> tuple[Text, Text]:
    """The bar, and a line that says below it which task is where.

    Args:
        worth: the points of every task by id, in the rubric's order.
        results: what is known of them, by id; a task that is not there was not graded.
        columns: how wide a line may be.

    Returns:
        Two lines; a part of a task is never drawn as all of it, nor as nothing.
    """
    full = sum(worth.values())
    done = sum(result.score for result in results.values())
    total = f" {points(done)} / {points(full)}"
    room = columns - len(HEAD) - len(total) - len(worth) - 1
    widths = share_out(list(worth.values()), max(room, NARROWEST))
    bar, names = Text(HEAD), Text(" " * len(HEAD))
    for task, width in zip(worth, widths, strict=True):
        bar.append(BORDER, "dim")
        result = results.get(task)
        if result is None:
            bar.append(UNKNOWN * width, "dim")
        else:
            filled = cells_done(result.score, result.max_score, width)
            bar.append(DONE * filled, "green")
            bar.append(LEFT * (width - filled), "dim")
        names.append(f" {_label(task, width):<{width}}", "dim")
    bar.append(BORDER, "dim").append(total, "bold")
    names.rstrip()
    return bar, names


def _label(task: str, width: int) -> str:
    """What a task is called where there is so much room."""
    number = str(MODULES.index(task) + 1) if task in MODULES else ""
    names = (f"task {number}", number) if number else (task, task[:3])
    return next((name for name in names if len(name) <= width), "")


def share_out(weights: Sequence[float], cells: int) -> list[int]:
    """So many cells in proportion to the weights, to the nearest cell; they add up."""
    total, edges, sum_ = sum(weights), [0], 0.0
    for weight in weights:
        sum_ += weight
        edges.append(round(cells * sum_ / total))
    return [end - start for start, end in itertools.pairwise(edges)]


def cells_done(score: float, full: float, width: int) -> int:
    """How many of a task's cells are filled: all for all its points, none for none."""
    if score >= full:
        return width
    if score <= 0:
        return 0
    return min(max(1, math.floor(width * score / full)), max(width - 1, 0))


def points(value: float) -> str:
    """Points as they are written: no more decimals than there are."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
