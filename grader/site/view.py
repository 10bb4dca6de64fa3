"""What the class page shows of each student, worked out before any template is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..statistics.flags import Flag
from ..statistics.rows import Row
from ..statistics.summary import Summary

if TYPE_CHECKING:
    from ..gradebook import Grade

# What a grade is good for, in the words of the page.
GRADED, PARTIAL = "graded", "some tasks only"
UNUSABLE, FAULT = "could not be opened", "grader failed"
STATUS_STYLES = {GRADED: "good", PARTIAL: "part", UNUSABLE: "bad", FAULT: "fault"}


@dataclass(frozen=True)
class Column:
    """A task as a column of the table.

    Attributes:
        id: the task's.
        title: to show.
        max_score: what it is worth; the most of all grades where several rubrics meet.
    """

    id: str
    title: str
    max_score: float


@dataclass(frozen=True)
class StudentLine:
    """One student's line of the table; what there is no figure for is None, never 0.

    Attributes:
        student: the id.
        name: to show; "" where unknown.
        status: one of `STATUS_STYLES`.
        score: points with the adjustment; None where there is no mark.
        max_score: points there were.
        adjusted: what the instructor changed, in words; "" for nothing.
        tasks: points of each column's task; None where it was not graded.
        accuracies: known, unknown and total accuracy, fractions in [0, 1].
        data: what they were measured on, as in "mnist, hidden"; "" where they were not.
        flags: what to look at.
        report: of the student's page, a path below the site; "" where there is none.
        pseudonym: on the leaderboard; "" where they are not on it.
    """

    student: str
    name: str
    status: str
    score: float | None
    max_score: float
    adjusted: str
    tasks: tuple[float | None, ...]
    accuracies: tuple[float | None, float | None, float | None]
    data: str
    flags: tuple[Flag, ...]
    report: str
    pseudonym: str = ""

    @property
    def style(self) -> str:
        """The class of CSS that its status is shown in."""
        return STATUS_STYLES[self.status]


@dataclass(frozen=True)
class ClassView:
    """The table of a class.

    Attributes:
        columns: a task each, in the order of the rubric that was met first.
        lines: by student.
        max_score: what most grades are out of.
        several_data: whether accuracies were measured on different data, so that they must not be
            compared across lines.
        newest: when the newest of the grades was kept, UTC, to the minute.
    """

    columns: tuple[Column, ...]
    lines: tuple[StudentLine, ...]
    max_score: float
    several_data: bool
    newest: str


def view_class(
    grades: Sequence[Grade],
    rows: Iterable[Row],
    summary: Summary,
    reports: Mapping[str, str],
    pseudonyms: Mapping[str, str],
) -> ClassView:
    """Put the table together.

    Args:
        grades: one a student.
        rows: the same as rows, in the same order.
        summary: of these rows.
        reports: where each student's page lies, by id.
        pseudonyms: of those on the leaderboard, by id.
    """
    columns = tuple(Column(task.id, task.title, task.max_score) for task in summary.tasks)
    flags: dict[str, list[Flag]] = {}
    for flag in summary.flags:
        flags.setdefault(flag.student, []).append(flag)
    lines = tuple(
        StudentLine(
            student=row.student,
            name=row.name if row.name != row.student else "",
            status=_status(row),
            score=row.score,
            max_score=float(row.record["max_score"]),
            adjusted=_adjusted(grade),
            tasks=_points(row, columns),
            accuracies=_accuracies(row),
            data=_data(row),
            flags=tuple(flags.get(row.student, ())),
            report=reports.get(row.student, ""),
            pseudonym=pseudonyms.get(row.student, ""),
        )
        for grade, row in zip(grades, rows, strict=True)
    )
    newest = max((grade.graded_at for grade in grades), default="")
    several = len(summary.accuracies) > 1
    out_of = Counter(line.max_score for line in lines).most_common(1)[0][0] if lines else 0.0
    return ClassView(columns, lines, out_of, several, newest.replace("T", " ")[:16])


def _status(row: Row) -> str:
    if row.is_graded:
        return GRADED if row.is_whole else PARTIAL
    return UNUSABLE if row.record["status"] == "unusable" else FAULT


def _adjusted(grade: Grade) -> str:
    made = grade.adjustment
    if made is None:
        return ""
    automatic = "no automatic mark" if grade.score is None else f"automatic mark {grade.score:g}"
    by = f" by {made.by}" if made.by else ""
    return f"{automatic}, {made.words}{by}: {made.reason}"


def _points(row: Row, columns: Iterable[Column]) -> tuple[float | None, ...]:
    """Points by column; work that was not graded has none, whatever its record is filled with."""
    scores = {t["id"]: float(t["score"]) for t in row.record["tasks"]} if row.is_graded else {}
    return tuple(scores.get(column.id) for column in columns)


def _accuracies(row: Row) -> tuple[float | None, float | None, float | None]:
    metrics = row.record["metrics"] if row.is_graded else None
    if metrics is None:
        return None, None, None
    return metrics["known_accuracy"], metrics["unknown_accuracy"], metrics["total_accuracy"]


def _data(row: Row) -> str:
    if _accuracies(row)[0] is None:
        return ""
    return f"{row.record['data']}, {row.record['tier']}"
