"""`python -m grader grade`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datasets.command_line import Data

from ..errors import EXIT_BELOW, EXIT_GRADER, GraderError, UsageError
from ..interrupts import interruptible
from .options import Level, SandboxOption, SeedOption, Train, TrainOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ..emit.running import RunningFile
    from ..grading import Watcher
    from ..record import CheckResult, Record


@interruptible()
def grade(
    submission: Annotated[Path, typer.Argument(help="A folder, a .zip or .tar.gz, or a notebook.")],
    data: Annotated[Data, typer.Option(help="auto: mnist where its files are.")] = Data.auto,
    hidden: Annotated[
        Path | None, typer.Option(help="A hidden bundle to measure accuracy on.")
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option(help="Grade this task alone; may be repeated.")
    ] = None,
    train: TrainOption = Train.auto,
    sandbox: SandboxOption = Level.auto,
    seed: SeedOption = None,
    json: Annotated[Path | None, typer.Option(help="Write the record here.")] = None,
    fail_under: Annotated[
        float, typer.Option(min=0, max=100, help="Exit with 1 below this percentage.")
    ] = 0.0,
    hints: Annotated[
        int, typer.Option(min=0, max=3, help="How many hints a lost check shows.")
    ] = 1,
    verbose: Annotated[bool, typer.Option(help="Show passed checks' messages too.")] = False,
    emit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[=FILE]",
            help="Also as gradescope, classroom50, github, prairielearn, autolab, junit or "
            "markdown; may be repeated.",
        ),
    ] = None,
    leaderboard: Annotated[
        bool, typer.Option("--leaderboard", help="Gradescope: show the accuracies to all.")
    ] = False,
) -> None:
    """Grade one submission and explain the mark."""
    from rich.console import Console

    from ..console import print_record
    from ..emit.formats import Settings
    from ..emit.github import commands_stopped
    from ..emit.outputs import Outputs
    from ..grading import Plan, grade

    plan = Plan(
        path=submission, data=data.value, hidden=hidden, tasks=tuple(task or ()),
        train=train.value, sandbox=sandbox.value, seed=seed, hints=hints,
    )  # fmt: skip
    if json is not None:
        _check_target(json)
    outputs = Outputs(emit or (), Settings(leaderboard=leaderboard))
    log = sys.stderr if outputs.takes_stdout else sys.stdout
    with commands_stopped(log):
        with outputs.running(plan) as files, _watching(Console(stderr=True), files) as watcher:
            record = grade(plan, watcher)
        if json is not None:  # first of all: whoever reads the table may be gone by now
            _save(json, record)
        outputs.write(record.to_json())
        with _shown():
            print_record(Console(file=log, highlight=False), outputs.shown(record), verbose)
    with _shown():
        outputs.print(record.to_json(), sys.stdout, log)
    if record.status == "grader_error":
        raise typer.Exit(EXIT_GRADER)
    if 100 * record.score < fail_under * record.max_score:
        raise typer.Exit(EXIT_BELOW)


def _check_target(path: Path) -> None:
    """Say before the grading what is wrong with the place for its record."""
    if not path.parent.is_dir():
        raise UsageError(f"--json {path}: its folder is not there; make it first")
    if path.is_dir():
        raise UsageError(f"--json {path}: it is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise UsageError(f"--json {path}: it is no regular file; name another")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"--json {path}: its folder cannot be written to")


def _save(path: Path, record: Record) -> None:
    from ..record import save_record

    try:
        written = save_record(path, record)
    except UsageError as error:  # the path was usable before, so it is the machine that fails
        raise GraderError(str(error)) from None
    if written != path:
        typer.echo(f"{path} keeps its earlier grade; this record is in {written}", err=True)


@contextlib.contextmanager
def _shown() -> Iterator[None]:
    """Standard output may be a full disk or a reader that has gone; Python must not flush again."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise GraderError(f"the result cannot be printed ({error.strerror})") from None


@contextlib.contextmanager
def _watching(console: Console, files: Sequence[RunningFile]) -> Iterator[Watcher]:
    """Show notes as lines and progress as bars, and keep `files` up to date while it lasts."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ..grading import Watcher

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    checks = progress.add_task("checks")
    training = progress.add_task("training", visible=False)

    def show_check(result: CheckResult, done: int, total: int) -> None:
        for file in files:
            file.add(result)
        progress.start()  # not before: a submission that cannot be opened shows no bar
        progress.update(checks, completed=done, total=total)

    def show_training(event: dict[str, Any]) -> None:
        step, steps = event["step"], event["steps"]
        progress.update(training, completed=step, total=steps, visible=step < steps)

    def show_note(text: str) -> None:
        for file in files:
            file.begin()
        progress.console.print(text, style="dim", highlight=False, markup=False, soft_wrap=True)

    try:
        yield Watcher(show_note, show_check, show_training)
    finally:
        if progress.live.is_started:
            progress.stop()
