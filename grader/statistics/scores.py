"""How a class's points are distributed, in all and by task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .distribution import Distribution, distribute
from .rows import Row


@dataclass(frozen=True)
class ScoreStatistics:
    """Points of one task, or of all (id "total").

    `max_score` is what could be earned; the largest one where grades of several rubrics meet.
    """

    id: str
    title: str
    max_score: float
    points: Distribution


def total_statistics(whole: Sequence[Row]) -> ScoreStatistics:
    """Points over all tasks, adjustments by the instructor included."""
    top = max((float(row.record["max_score"]) for row in whole), default=0.0)
    scores = [row.score for row in whole if row.score is not None]
    return ScoreStatistics("total", "Total", top, distribute(scores, top))


def task_statistics(graded: Sequence[Row]) -> list[ScoreStatistics]:
    """Points of each task, as the grader gave them, over the submissions it was graded for."""
    tasks: dict[str, list[dict[str, Any]]] = {}
    for row in graded:
        for task in row.record["tasks"]:
            tasks.setdefault(task["id"], []).append(task)
    return [_sum_up(name, results) for name, results in tasks.items()]


def _sum_up(name: str, results: list[dict[str, Any]]) -> ScoreStatistics:
    top = max(float(task["max_score"]) for task in results)
    points = distribute([float(task["score"]) for task in results], top)
    return ScoreStatistics(name, str(results[-1]["title"]), top, points)
