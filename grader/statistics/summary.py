"""All statistics of a class, as one value and as JSON (schema osr-statistics/1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .accuracy import AccuracyGroup, group_accuracies
from .checks import CheckStatistics, check_statistics
from .distribution import Distribution, distribute
from .flags import Flag, Similar, collect_flags
from .rows import Row, Split, split
from .scores import ScoreStatistics, task_statistics, total_statistics

SCHEMA = "osr-statistics/1"


@dataclass(frozen=True)
class Summary:
    """What a class's grades say together.

    Attributes:
        grades: the grades by what they are good for.
        total: points in all, of whole grades.
        tasks: points by task, of whole and partial grades.
        checks: of the same.
        accuracies: students' models by the data they were measured on.
        grading: seconds that each grading took, a training in it included.
        training: CPU seconds of each training by the grader.
        flags: what to look at.
    """

    grades: Split
    total: ScoreStatistics
    tasks: tuple[ScoreStatistics, ...]
    checks: tuple[CheckStatistics, ...]
    accuracies: tuple[AccuracyGroup, ...]
    grading: Distribution
    training: Distribution
    flags: tuple[Flag, ...]


def summarise(rows: Iterable[Row], similar: Similar | None = None) -> Summary:
    """Sum up a class.

    Args:
        rows: one a student.
        similar: what a report of similarity says, by the submissions' names.
    """
    grades = split(rows)
    graded = grades.graded
    trainings = [row.record["training"] for row in graded if row.record.get("training")]
    return Summary(
        grades=grades,
        total=total_statistics(grades.whole),
        tasks=tuple(task_statistics(graded)),
        checks=tuple(check_statistics(row.record for row in graded)),
        accuracies=tuple(group_accuracies(graded)),
        grading=distribute([float(row.record["duration_s"]) for row in graded]),
        training=distribute([float(training["cpu_s"]) for training in trainings]),
        flags=tuple(collect_flags(grades.everyone, similar)),
    )


def to_json(summary: Summary) -> dict[str, Any]:
    """The summary as `--json` writes it."""
    grades = summary.grades
    return {
        "schema": SCHEMA,
        "students": len(grades.everyone),
        "grades": {
            "whole": len(grades.whole),
            "partial": len(grades.partial),
            "unusable": len(grades.unusable),
            "ungraded": len(grades.ungraded),
        },
        "total": asdict(summary.total),
        "tasks": [asdict(task) for task in summary.tasks],
        "checks": [{**asdict(one), "pass_rate": one.pass_rate} for one in summary.checks],
        "accuracies": [asdict(group) for group in summary.accuracies],
        "grading_s": asdict(summary.grading),
        "training_cpu_s": asdict(summary.training),
        "flags": [asdict(flag) for flag in summary.flags],
    }
