"""The matrix: every submission against every check, and what it says about the grader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tests.submissions.grading import SEED, Cell, Row

SCHEMA = "osr-matrix/1"


@dataclass(frozen=True)
class Matrix:
    """All rows: wrong submissions first, then correct ones, each by name.

    Attributes:
        rows: one a submission.
        is_whole: whether every submission is there, so that together they have to trip all checks.
    """

    rows: tuple[Row, ...]
    is_whole: bool = True

    @property
    def checks(self) -> tuple[str, ...]:
        """The ids of all checks, in the rubric's order."""
        return tuple(dict.fromkeys(cell.check for row in self.rows for cell in row.cells))

    @property
    def untripped(self) -> tuple[str, ...]:
        """Checks that no wrong submission lost: nothing has shown that they find anything."""
        if not self.is_whole:
            return ()
        lost = {
            cell.check
            for row in self.rows
            for cell in row.cells
            if row.kind == "wrong" and cell.status != "passed"
        }
        return tuple(check for check in self.checks if check not in lost)

    @property
    def is_as_expected(self) -> bool:
        """Whether each cell is as expected, each message has its words, each check is tripped."""
        return not self.untripped and not any(row.differences for row in self.rows)

    def count(self, kind: str) -> int:
        """How many wrong or correct submissions there are."""
        return sum(row.kind == kind for row in self.rows)

    def faults(self, fault: str) -> list[tuple[Row, Cell]]:
        """The cells with one kind of fault."""
        return [(row, cell) for row in self.rows for cell in row.faults if cell.fault == fault]

    def summary(self) -> dict[str, Any]:
        """What matters of it, in numbers."""
        return {
            "wrong": self.count("wrong"),
            "correct": self.count("correct"),
            "checks": len(self.checks),
            "false_passes": len(self.faults("false pass")),
            "false_fails": len(self.faults("false fail")),
            "other_statuses": len(self.faults("other status")),
            "words_missing": sum(bool(row.unsaid) for row in self.rows),
            "never_tripped": list(self.untripped),
        }

    def to_json(self, machine: dict[str, Any]) -> dict[str, Any]:
        """All of it as data."""
        return {
            "schema": SCHEMA,
            "seed": SEED,
            "machine": machine,
            "summary": self.summary(),
            "rows": [asdict(row) for row in self.rows],
        }


def build_matrix(rows: Iterable[Row], is_whole: bool = True) -> Matrix:
    """Put rows that came in any order into theirs."""
    return Matrix(tuple(sorted(rows, key=lambda row: (row.kind != "wrong", row.name))), is_whole)
