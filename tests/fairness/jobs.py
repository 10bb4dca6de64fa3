"""One grading of a right submission with a seed, under a condition: what it says and how nearly."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.grading import Watcher, grade
from grader.plan import Plan
from grader.record import CheckResult
from tests.fairness.conditions import AS_GRADED, condition, under
from tests.fairness.deviations import Deviation, recording
from tests.submissions.grading import TASKS
from tests.submissions.patches import REFERENCE, Patch, read_patches, write_submission

REFERENCE_NAME = "reference"


@dataclass(frozen=True)
class Job:
    """What to grade.

    Attributes:
        patch: the submission; None is the reference as it is.
        seed: of the checks' inputs.
        condition: the name of a condition.
        tasks: which of the five.
    """

    patch: Patch | None
    seed: int
    condition: str = AS_GRADED.name
    tasks: tuple[str, ...] = TASKS

    @property
    def submission(self) -> str:
        """The submission's name."""
        return self.patch.name if self.patch else REFERENCE_NAME


@dataclass(frozen=True)
class Graded:
    """What came of a job.

    Attributes:
        job: it.
        checks: each check, in order.
        deviations: of each check's comparisons, by its id.
    """

    job: Job
    checks: tuple[CheckResult, ...]
    deviations: Mapping[str, tuple[Deviation, ...]]

    @property
    def lost(self) -> list[dict[str, Any]]:
        """The checks that a right submission should have passed and did not, as data."""
        return [
            {
                "submission": self.job.submission,
                "condition": self.job.condition,
                "seed": self.job.seed,
                "check": check.id,
                "status": check.status,
                "message": check.message,
            }
            for check in self.checks
            if check.status != "passed"
        ]


def right_submissions() -> list[Patch | None]:
    """The reference, and every submission that is right."""
    return [None, *read_patches("correct")]


def touched_tasks(patch: Patch | None) -> tuple[str, ...]:
    """The tasks whose code differs from the reference's, all five of the reference itself.

    What a submission shares with the reference is graded with the reference.
    """
    touched = tuple(task for task in TASKS if patch and f"{task}.py" in patch.touched)
    return touched or TASKS


def grade_job(job: Job) -> Graded:
    """Grade, and note how near each comparison came to its tolerance."""
    by_check: dict[str, tuple[Deviation, ...]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="osr-fairness-") as folder,
        under(condition(job.condition)),
        recording() as found,
    ):

        def close_check(check: CheckResult, _done: int, _total: int) -> None:
            by_check[check.id] = tuple(found)
            found.clear()

        path = write_submission(job.patch, Path(folder, job.patch.name)) if job.patch else REFERENCE
        plan = Plan(path, data="digits", tasks=job.tasks, seed=job.seed)
        record = grade(plan, Watcher(result=close_check))
    checks = tuple(check for task in record.tasks for check in task.checks)
    return Graded(job, checks, by_check)
