"""`python -m grader next`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from datasets.command_line import Data

from ..interrupts import interruptible
from .grade import watching
from .options import Level, SandboxOption


@interruptible()
def next_(
    folder: Annotated[Path, typer.Argument(help="The submission.")] = Path("assignment"),
    data: Annotated[Data, typer.Option(help="auto: mnist where its files are.")] = Data.auto,
    sandbox: SandboxOption = Level.auto,
) -> None:
    """Say which task to do next, why, and what to type. Grades everything but a training."""
    from rich.console import Console

    from ..advice import next_task
    from ..console import print_next, print_progress
    from ..errors import GraderError
    from ..grading import grade
    from ..plan import Plan

    plan = Plan(folder, data.value, train="never", sandbox=sandbox.value)
    with watching(Console(stderr=True), quiet=True) as watcher:
        record = grade(plan, watcher)
    checks = [check for task in record.tasks for check in task.checks]
    if broken := next((check for check in checks if check.status == "grader_error"), None):
        raise GraderError(f"{broken.id}: {broken.message}")
    console = Console(highlight=False)
    print_progress(
        console,
        {task.id: task.max_score for task in record.tasks},
        {task.id: task for task in record.tasks},
    )
    console.print()
    print_next(console, next_task(record.tasks), shlex.quote(str(folder)))
