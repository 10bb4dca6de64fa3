"""Grading a submission's code tasks, and saying how that differs from what its patch expects."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.grading import grade
from grader.plan import Plan
from grader.record import CheckResult, Record
from grader.rubric import load_rubric
from tests.submissions.patches import Patch, write_submission
from tests.submissions.shared import shared_sandbox

TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")
SEED = 1  # one for all: an edit of the reference does not deal new inputs to every patch
ABSENT = "absent"  # where the grader has no such check, or the patch none of the grader's


@dataclass(frozen=True)
class Cell:
    """One check of one submission: what came, and what the patch expects."""

    check: str
    status: str
    expected: str
    message: str = ""

    @property
    def fault(self) -> str:
        """What is wrong with the grader here, in two words; "" where nothing is."""
        if self.status == self.expected:
            return ""
        if self.status == "passed":
            return "false pass"
        return "false fail" if self.expected == "passed" else "other status"

    def __str__(self) -> str:
        said = f" ({self.message})" if self.message else ""
        return f"{self.check}: expected {self.expected}, got {self.status}{said}"


@dataclass(frozen=True)
class Row:
    """One graded submission.

    `unsaid` holds the words that a failed check's message should have held and none did.
    """

    name: str
    kind: str
    why: str
    cells: tuple[Cell, ...]
    unsaid: str
    duration_s: float

    @property
    def faults(self) -> tuple[Cell, ...]:
        """The cells that are not as expected."""
        return tuple(cell for cell in self.cells if cell.fault)

    @property
    def differences(self) -> list[str]:
        """One line for each thing that is not as expected."""
        lines = [f"{cell.fault}, {cell}" for cell in self.faults]
        if self.unsaid:
            said = [cell.message for cell in self.cells if cell.status != "passed"]
            lines.append(f"no message says {self.unsaid!r}; they say {said}")
        return lines


def code_checks() -> tuple[str, ...]:
    """The ids of the five tasks' checks, in the rubric's order."""
    return tuple(
        check.id for task in load_rubric().tasks if task.id in TASKS for check in task.checks
    )


def grade_code(
    folder: Path, tasks: tuple[str, ...] = TASKS, seed: int = SEED, *, warm: bool = True
) -> Record:
    """Grade without training."""
    sandbox = shared_sandbox() if warm else None
    return grade(Plan(folder, data="digits", tasks=tasks, seed=seed), sandbox=sandbox)


def grade_patch(patch: Patch, *, warm: bool = True) -> Row:
    """Write a patch's submission, grade all five tasks of it, and compare."""
    with tempfile.TemporaryDirectory(prefix="osr-matrix-") as folder:
        record = grade_code(write_submission(patch, Path(folder, patch.name)), warm=warm)
    return compare(patch, checks_of(record), record.duration_s)


def compare(patch: Patch, checks: dict[str, CheckResult], duration_s: float = 0.0) -> Row:
    """What came of a patch beside what it expects, for every check that either knows."""
    cells = []
    for name in dict.fromkeys((*code_checks(), *checks, *sorted(patch.fails))):
        check = checks.get(name)
        status, message = (check.status, check.message) if check else (ABSENT, "")
        cells.append(Cell(name, status, patch.fails.get(name, "passed"), message))
    is_said = any(patch.says in cell.message for cell in cells if cell.status != "passed")
    unsaid = patch.says if patch.says and not is_said else ""
    kind = "wrong" if patch.fails else "correct"
    return Row(patch.name, kind, patch.why, tuple(cells), unsaid, duration_s)


def checks_of(record: Record) -> dict[str, CheckResult]:
    """The record's checks by id."""
    return {check.id: check for task in record.tasks for check in task.checks}
