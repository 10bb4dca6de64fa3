"""Which task to do next, and why."""

from __future__ import annotations

from collections.abc import Iterable

from .record import CheckResult, TaskResult
from .submission import MODULES, WEIGHTS

# The problem sheet's: what can be checked by hand first, then the networks, then the training.
ORDER = ("threshold", "contrastive", "evaluation", "classifier", "autoencoder", "accuracy")
STUBS = ("not_implemented", "skipped")  # nothing is wrong there yet
REASONS = {
    "threshold": "its numbers can be checked by hand, and nothing else is needed for it",
    "contrastive": "one formula, whose values can be checked by hand",
    "evaluation": "a loop over batches that counts, with no network needed yet",
    "classifier": "the first of the two networks: it names the digits that you know",
    "autoencoder": "the second network: the score of an image is made from what it draws",
    "accuracy": "the code is there, now it has to learn: train, and look at the plots in runs/",
}


def place(task_id: str) -> int:
    """Where a task stands in the order that the sheet advises; what it does not name comes last."""
    return ORDER.index(task_id) if task_id in ORDER else len(ORDER)


def next_task(tasks: Iterable[TaskResult]) -> TaskResult | None:
    """The first task, in the order that the sheet advises, with points left to earn."""
    left = [task for task in tasks if task.score < task.max_score]
    return min(left, key=lambda task: place(task.id), default=None)


def first_lost(task: TaskResult) -> CheckResult | None:
    """The first check of a task that lost points: of what is written, else of what is a stub."""
    lost = [check for check in task.checks if check.score < check.max_score]
    return min(lost, key=lambda check: check.status in STUBS, default=None)


def number_of(task: TaskResult) -> str:
    """What the sheet calls it: a number and a title."""
    if task.id in MODULES:
        return f"task {MODULES.index(task.id) + 1}, {task.title}"
    return task.title


def reason(task: TaskResult) -> str:
    """Why this task is next, in a sentence without a full stop."""
    done = sum(check.score == check.max_score for check in task.checks)
    if done:
        return f"it is begun: {done} of {len(task.checks)} checks pass"
    return REASONS.get(task.id, "it has points left to earn")


def command(task: TaskResult, folder: str) -> str:
    """What to type while working on a task.

    Args:
        task: the one to do next.
        folder: the submission, as it is typed in a shell.
    """
    if task.id == "accuracy":
        needs_training = all(check.status == "not_implemented" for check in task.checks)
        return (
            "python -m assignment.train"
            if needs_training
            else f"python -m grader grade {folder} --task accuracy"
        )
    return f"python -m grader watch {folder}"


def file_of(task: TaskResult) -> str:
    """The file that a task is done in."""
    return f"{task.id}.py" if task.id in MODULES else WEIGHTS
