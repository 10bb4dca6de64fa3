"""Grading a submission's code tasks, and saying how that differs from what a patch expects."""

from __future__ import annotations

from pathlib import Path

from grader.grading import Plan, grade
from grader.record import CheckResult, Record
from tests.submissions.patches import Patch

TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")
SEED = 1  # one for all: an edit of the reference does not deal new inputs to every patch


def grade_code(folder: Path, tasks: tuple[str, ...] = TASKS) -> Record:
    """Grade without training."""
    return grade(Plan(folder, data="digits", tasks=tasks, seed=SEED))


def checks_of(record: Record) -> dict[str, CheckResult]:
    """The record's checks by id."""
    return {check.id: check for task in record.tasks for check in task.checks}


def differences(record: Record, patch: Patch) -> list[str]:
    """One line for each check whose status is not the expected one, and for a missing message."""
    checks = checks_of(record)
    lines = [
        f"{name}: expected {patch.fails.get(name, 'passed')}, got {check.status}"
        + (f" ({check.message})" if check.message else "")
        for name, check in checks.items()
        if check.status != patch.fails.get(name, "passed")
    ]
    lines += [f"{name}: there is no such check" for name in sorted(set(patch.fails) - set(checks))]
    messages = [check.message for check in checks.values() if check.status != "passed"]
    if patch.says and not any(patch.says in message for message in messages):
        lines.append(f"no message says {patch.says!r}; they say {messages}")
    return lines
