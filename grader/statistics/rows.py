"""The grades of a class, sorted by what can be said of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..gradebook import Grade

HIDDEN_DATA = "hidden test data"  # the one entry of `not_run` that is no task


@dataclass(frozen=True)
class Row:
    """One student's current grade.

    Attributes:
        student: the id.
        name: to show; "" where unknown.
        source: the file or folder that was graded.
        record: of schema osr-grade/1.
        score: with the instructor's adjustment; None where there is none.
    """

    student: str
    name: str
    source: str
    record: dict[str, Any]
    score: float | None

    @property
    def is_graded(self) -> bool:
        """Whether its checks count."""
        return bool(self.record["status"] == "graded")

    @property
    def is_whole(self) -> bool:
        """Whether all tasks were graded, so that its score can be put beside others."""
        return self.is_graded and not set(self.record.get("not_run", ())) - {HIDDEN_DATA}


@dataclass(frozen=True)
class Split:
    """A class's grades by what they are good for; each is in one of them.

    Attributes:
        whole: all tasks were graded.
        partial: some tasks were.
        unusable: the submission could not be read.
        ungraded: the grader itself failed, or says so in a way that is not known here.
    """

    whole: tuple[Row, ...]
    partial: tuple[Row, ...]
    unusable: tuple[Row, ...]
    ungraded: tuple[Row, ...]

    @property
    def graded(self) -> tuple[Row, ...]:
        """Those with checks that ran."""
        return self.whole + self.partial

    @property
    def everyone(self) -> tuple[Row, ...]:
        """The class."""
        return self.graded + self.unusable + self.ungraded


def split(rows: Iterable[Row]) -> Split:
    """Sort a class's grades."""
    rows = tuple(rows)
    broken = tuple(row for row in rows if not row.is_graded)
    return Split(
        whole=tuple(row for row in rows if row.is_whole),
        partial=tuple(row for row in rows if row.is_graded and not row.is_whole),
        unusable=tuple(row for row in broken if row.record["status"] == "unusable"),
        ungraded=tuple(row for row in broken if row.record["status"] != "unusable"),
    )


def rows_of(grades: Iterable[Grade]) -> list[Row]:
    """A gradebook's current grades as rows."""
    return [
        Row(grade.student, grade.name, grade.source, grade.record, grade.final_score)
        for grade in grades
    ]
