"""What differs between two grades, and why: pure functions over records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .grade import Grade, GradeKey

Record = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a check came to: its status and its points."""

    status: str
    score: float


@dataclass(frozen=True)
class CheckChange:
    """A check that came to something else.

    Attributes:
        id: `task.name`.
        title: the check's title, the newer where both have one.
        before: what it came to; None where the check was not there.
        after: likewise.
    """

    id: str
    title: str
    before: Outcome | None
    after: Outcome | None

    @property
    def points(self) -> float:
        """By how much it moves the mark."""
        before, after = (side.score if side else 0.0 for side in (self.before, self.after))
        return round(after - before, 2)


@dataclass(frozen=True)
class StudentChange:
    """A student whose mark is another now.

    Attributes:
        student: the id.
        name: to show; "" where it is not known.
        before: the mark; None where the grader itself had failed.
        after: likewise.
        final: the mark with the adjustment in force.
        causes: what the new mark follows from that the old one did not: "submission", "grader",
            "data"; none where the same work met the same grader and came to something else.
        checks: which checks came to something else.
    """

    student: str
    name: str
    before: float | None
    after: float | None
    final: float | None
    causes: tuple[str, ...]
    checks: tuple[CheckChange, ...]

    @property
    def points(self) -> float:
        """By how much the mark moved."""
        return round((self.after or 0.0) - (self.before or 0.0), 2)


def changes(before: Record, after: Record) -> tuple[CheckChange, ...]:
    """The checks that came to another status or score, in the order of the newer record.

    Args:
        before: a record of schema osr-grade/1.
        after: a newer one.
    """
    old, new = _outcomes(before), _outcomes(after)
    return tuple(
        CheckChange(name, (new.get(name) or old[name])[0], _second(old, name), _second(new, name))
        for name in (*new, *(name for name in old if name not in new))
        if _second(old, name) != _second(new, name)
    )


def same_marks(before: Record, after: Record) -> bool:
    """Whether two records of the same work say the same, times and texts aside."""
    return (
        before["status"] == after["status"]
        and before["score"] == after["score"]
        and before.get("max_score") == after.get("max_score")
        and not changes(before, after)
    )


def compare(before: Iterable[Grade], after: Iterable[Grade]) -> list[StudentChange]:
    """Who of those in both has another mark or another outcome of a check, by student.

    Args:
        before: one grade a student.
        after: likewise.
    """
    earlier = {grade.student: grade for grade in before}
    pairs = ((earlier[new.student], new) for new in after if new.student in earlier)
    return [
        _student_change(old, new)
        for old, new in pairs
        if old.id != new.id and not (old.score == new.score and same_marks(old.record, new.record))
    ]


def _student_change(old: Grade, new: Grade) -> StudentChange:
    return StudentChange(
        student=new.student,
        name=new.name or old.name,
        before=old.score,
        after=new.score,
        final=new.final_score,
        causes=_causes(old.key, new.key),
        checks=changes(old.record, new.record),
    )


def _causes(old: GradeKey, new: GradeKey) -> tuple[str, ...]:
    names = ("submission", "grader", "data")
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))


def _outcomes(record: Record) -> dict[str, tuple[str, Outcome]]:
    """Title and outcome of every check, by id."""
    return {
        check["id"]: (check["title"], Outcome(check["status"], float(check["score"])))
        for task in record.get("tasks", ())
        for check in task["checks"]
    }


def _second(found: dict[str, tuple[str, Outcome]], name: str) -> Outcome | None:
    return found[name][1] if name in found else None
