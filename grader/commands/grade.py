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
from .options import Level, SandboxOption, SeedOption, TaskOption, Train, TrainOption
from .targets import STDOUT, check_target, output_beside, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ..emit.running import RunningFile
    from ..gallery.gallery import Gallery
    from ..grading import Graded, Watcher
    from ..record import CheckResult, Record


@interruptible()
def grade(
    submission: Annotated[Path, typer.Argument(help="A folder, a .zip or .tar.gz, or a notebook.")],
    data: Annotated[Data, typer.Option(help="auto: mnist where its files are.")] = Data.auto,
    hidden: Annotated[
        Path | None, typer.Option(help="A hidden bundle to measure accuracy on.")
    ] = None,
    task: TaskOption = None,
    train: TrainOption = Train.auto,
    sandbox: SandboxOption = Level.auto,
    seed: SeedOption = None,
    json: Annotated[Path | None, typer.Option(help="Write the record here; -: print it.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write report.html, a page with pictures, in there."),
    ] = None,
    fail_under: Annotated[
        float, typer.Option(min=0, max=100, help="Exit with 1 below this percentage.")
    ] = 0.0,
    hints: Annotated[
        int, typer.Option(min=0, max=3, help="How many hints a lost check shows.")
    ] = 1,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the score and errors, nothing else.")
    ] = False,
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

    from ..console import print_record, print_score
    from ..emit.formats import Settings
    from ..emit.github import commands_stopped
    from ..emit.outputs import Outputs
    from ..grading import grade
    from ..plan import Plan

    plan = Plan(
        path=submission, data=data.value, hidden=hidden, tasks=tuple(task or ()),
        train=train.value, sandbox=sandbox.value, seed=seed, hints=hints,
    )  # fmt: skip
    check_target("--json", json)
    page = _Page(report) if report is not None else None
    outputs = Outputs(emit or (), Settings(leaderboard=leaderboard))
    if json == STDOUT and outputs.takes_stdout:
        raise UsageError("--json - and --emit cannot both go to standard output; name a file")
    log = sys.stderr if outputs.takes_stdout else output_beside(json)
    with commands_stopped(log):
        errors = Console(stderr=True, quiet=quiet)
        with outputs.running(plan) as files, watching(errors, files) as watcher:
            record = grade(plan, watcher, afterwards=page.gather if page else None)
        if json is not None and json != STDOUT:  # first: whoever reads the table may be gone by now
            _save(json, record)
        if page is not None:
            written = page.save(record)
        outputs.write(record.to_json())
        with _shown():
            console, shown = Console(file=log, highlight=False), outputs.shown(record)
            if quiet:
                print_score(console, shown)
            else:
                print_record(console, shown, verbose)
            if page is not None:
                typer.echo(f"Report: {written}", file=log)
    if json == STDOUT:
        print_json(record.to_json())
    with _shown():
        outputs.print(record.to_json(), sys.stdout, log)
    if record.status == "grader_error":
        raise typer.Exit(EXIT_GRADER)
    if 100 * record.score < fail_under * record.max_score:
        raise typer.Exit(EXIT_BELOW)


class _Page:
    """The page of a grade, in a folder that is checked before the grading."""

    def __init__(self, folder: Path) -> None:
        from ..report.folder import make_folder

        self._folder = make_folder(folder)
        self._gallery: Gallery | None = None

    def gather(self, graded: Graded) -> None:
        """Take the pictures while the model is there."""
        from ..gallery.gather import gather

        self._gallery = gather(graded)

    def save(self, record: Record) -> Path:
        """Write the page; returns its path."""
        from ..report.folder import PAGE, save_page
        from ..report.page import render_report

        return save_page(self._folder, PAGE, render_report(record.to_json(), self._gallery))


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
def watching(
    console: Console, files: Sequence[RunningFile] = (), quiet: bool = False
) -> Iterator[Watcher]:
    """Show notes as lines and progress as bars, and keep `files` up to date while it lasts.

    Args:
        console: where to; what is no terminal gets no bar.
        files: written again after each check.
        quiet: leave out the notes.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ..grading import Watcher

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    progress = Progress(
        *columns, console=console, transient=True, disable=not console.is_interactive,
        refresh_per_second=4,
    )  # fmt: skip
    checks = progress.add_task("starting", total=None)
    training = progress.add_task("training", visible=False)

    def show_check(result: CheckResult, done: int, total: int) -> None:
        for file in files:
            file.add(result)
        progress.start()
        progress.update(checks, description="checks", completed=done, total=total)

    def show_training(event: dict[str, Any]) -> None:
        step, steps = event["step"], event["steps"]
        progress.update(training, completed=step, total=steps, visible=step < steps)

    def show_note(text: str) -> None:
        for file in files:
            file.begin()
        if not quiet:
            progress.console.print(text, style="dim", highlight=False, markup=False, soft_wrap=True)
        progress.start()  # not before: a submission that cannot be opened shows no bar

    try:
        yield Watcher(show_note, show_check, show_training)
    finally:
        if progress.live.is_started:
            progress.stop()
