"""What to grade and how, and whether there is what that takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import datasets
from datasets.profiles import require_mnist

from .errors import UsageError
from .rubric import Rubric
from .submission import MODULES
from .text import did_you_mean

PROFILES = ("digits", "mnist")


@dataclass(frozen=True)
class Plan:
    """What to grade and how.

    Attributes:
        path: the submission, a folder, an archive or a notebook.
        data: "auto", "digits" or "mnist".
        hidden: a hidden bundle to measure accuracy on, instead of the public test sets.
        tasks: ids of the tasks to grade; empty means all.
        train: "auto" trains where no weights came along, "always", or "never".
        sandbox: "auto", "require" or "plain".
        seed: of the checks' inputs and the training; None derives the inputs' seed from the
            submission, so that the same work meets the same inputs, and trains with seed 0.
        hints: how many a lost check shows, 0 to 3.
    """

    path: Path
    data: str = "auto"
    hidden: Path | None = None
    tasks: tuple[str, ...] = ()
    train: str = "auto"
    sandbox: str = "auto"
    seed: int | None = None
    hints: int = 1


def choose_tasks(plan: Plan, rubric: Rubric) -> tuple[str, ...]:
    """The ids of the tasks to grade, in the rubric's order.

    Raises:
        UsageError: the plan names one that there is not.
    """
    known = tuple(task.id for task in rubric.tasks)
    if strays := [task for task in plan.tasks if task not in known]:
        question = _task_of_number(strays[0], known) or did_you_mean(strays[0], known)
        raise UsageError(
            f"--task {strays[0]}: there is no such task; {question}there are {', '.join(known)}"
        )
    return tuple(task for task in known if not plan.tasks or task in plan.tasks)


def _task_of_number(text: str, known: tuple[str, ...]) -> str:
    """Which task the problem sheet gives this number; "" where it gives it to none."""
    tasks = dict(zip(map(str, range(1, len(MODULES) + 1)), known, strict=False))
    return f"task {text} is {tasks[text]}; " if text in tasks else ""


def choose_data(plan: Plan) -> tuple[str, str]:
    """The profile's name and why it was chosen.

    Raises:
        UsageError: its files are not there, or the bundle is none or another profile's.
    """
    try:
        if plan.hidden is None:
            choice = datasets.choose(plan.data)
            if choice.name == "mnist":
                require_mnist(datasets.data_root())
            return choice.name, f"data: {choice.name} ({choice.reason})"
        profile = datasets.read_bundle(plan.hidden).manifest.get("profile")
    except datasets.DataError as error:
        raise UsageError(str(error)) from None
    if profile not in PROFILES:
        raise UsageError(f"{plan.hidden}: its manifest names no profile, {' or '.join(PROFILES)}")
    if plan.data not in ("auto", profile):
        raise UsageError(
            f"--data {plan.data}: the hidden bundle {plan.hidden} was built from {profile}"
        )
    return profile, f"data: {profile} (the hidden bundle was built from it)"
