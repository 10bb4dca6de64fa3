"""Grading a mutant: the reference with one module exchanged, and its one task."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from grader.grading import Watcher, grade
from grader.plan import Plan
from grader.record import CheckResult
from tests.submissions.grading import SEED
from tests.submissions.patches import Patch, write_submission
from tests.submissions.shared import shared_sandbox

from .mutate import Mutant


class TrialError(Exception):
    """The grader came to no verdict on a mutant."""


def lost_check(mutant: Mutant) -> str | None:
    """The first check that finds the mutant, None where all pass: the mutant survives.

    Raises:
        TrialError: the grader is at fault, or left a check out.
    """
    lost: list[CheckResult] = []

    def stop_at_first(result: CheckResult, done: int, total: int) -> None:
        if result.status != "passed":
            lost.append(result)
            pytest.exit("killed")  # the rest of the checks would cost time and say nothing new

    patch = Patch("mutant", mutant.name, files={f"{mutant.module}.py": mutant.text})
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        submission = write_submission(patch, Path(folder) / "submission")
        plan = Plan(submission, data="digits", tasks=(mutant.module,), seed=SEED)
        record = grade(plan, Watcher(result=stop_at_first), shared_sandbox())
    if lost and lost[0].status != "grader_error":
        return lost[0].id
    faults = [check for task in record.tasks for check in task.checks if check.status != "passed"]
    if faults:
        raise TrialError(f"{mutant.name}: {faults[0].id} {faults[0].status}: {faults[0].message}")
    return None
