"""What the attacks have changed for whoever is graded after them."""

from __future__ import annotations

from grader.grading import grade
from grader.plan import Plan
from grader.record import CheckResult
from tests.submissions.grading import SEED, TASKS, checks_of
from tests.submissions.patches import REFERENCE

Checks = dict[str, CheckResult]


def grade_reference(level: str) -> Checks:
    """The reference's checks at a level."""
    wish = "require" if level == "bwrap" else level
    return checks_of(grade(Plan(REFERENCE, data="digits", tasks=TASKS, seed=SEED, sandbox=wish)))


def what_changed(before: Checks, after: Checks) -> tuple[str, ...]:
    """The checks whose status or points are not what they were."""
    return tuple(
        f"{name} was {old.status} ({old.score:g}), is {after[name].status} ({after[name].score:g})"
        for name, old in before.items()
        if (old.status, old.score) != (after[name].status, after[name].score)
    )
