"""`python -m grader watch`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datasets.command_line import INTERRUPTED, Data

from ..errors import UsageError
from ..interrupts import interruptible
from .grade import watching
from .options import Level, SandboxOption, SeedOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..record import TaskResult


@interruptible()
def watch(
    folder: Annotated[Path, typer.Argument(help="Holds the five modules.")] = Path("assignment"),
    data: Annotated[Data, typer.Option(help="auto: mnist where its files are.")] = Data.auto,
    sandbox: SandboxOption = Level.auto,
    seed: SeedOption = None,
) -> None:
    """Grade a task whenever its file is saved: the first failing check, and the next hint."""
    from rich.console import Console

    from ..grading import grade
    from ..intake.names import may_take
    from ..plan import Plan
    from ..rubric import load_rubric
    from ..staging import given_files
    from ..submission import MODULES
    from ..watch.keys import listening
    from ..watch.screen import Screen
    from ..watch.session import Session
    from ..watch.warmth import Warmth

    if not folder.is_dir():
        raise UsageError(f"{folder}: a watch is over a folder, and there is none of that name")
    if not any((folder / f"{name}.py").exists() for name in MODULES):
        raise UsageError(f"{folder}: none of the five modules is in it; name the folder with them")
    rubric, given = load_rubric(), frozenset(given_files())
    errors = Console(stderr=True)
    with Warmth(sandbox.value) as warmth, listening() as keys:

        def grade_tasks(tasks: tuple[str, ...]) -> Sequence[TaskResult]:
            plan = Plan(
                folder, data.value, tasks=tasks, train="never", sandbox=sandbox.value, seed=seed
            )
            with watching(errors, quiet=True) as watcher:
                record = grade(plan, watcher, warmth.sandbox)
            warmth.rest()
            return record.tasks

        screen = Screen(Console(highlight=False), rubric, keys.there)
        screen.begin(str(folder))
        session = Session(
            folder, lambda name: may_take(name, given), [task.id for task in rubric.tasks],
            grade_tasks, screen,
        )  # fmt: skip
        try:
            session.begin()
            session.run(keys)
        except KeyboardInterrupt:  # how a watch is meant to end, so no error
            screen.end()
            sys.exit(INTERRUPTED)
