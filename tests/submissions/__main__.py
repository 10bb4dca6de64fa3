"""`python -m tests.submissions`: grade every submission, and judge the grader by it.

`matrix` takes those that are wrong or right on purpose, `hostile` those that attack the grader.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, RenderableType

from datasets.command_line import one_line_errors
from datasets.errors import DataError
from datasets.files import write_whole
from grader.errors import GraderError, UsageError
from grader.record import write_json
from grader.sandbox import bwrap
from solutions.measure import machine
from tests.submissions import show, verdict
from tests.submissions.aftermath import grade_reference, what_changed
from tests.submissions.attacks import read_attacks
from tests.submissions.grading import grade_patch
from tests.submissions.matrix import build_matrix
from tests.submissions.parallel import cores, in_parallel, progress_bar
from tests.submissions.patches import PatchError, read_patches
from tests.submissions.siege import besiege

WIDTH = 140  # where there is no terminal to ask

app = typer.Typer(
    cls=one_line_errors({UsageError: 2, DataError: 2, PatchError: 2, GraderError: 3}),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Level(str, Enum):
    """The levels of the sandbox."""

    bwrap = "bwrap"
    plain = "plain"


Only = Annotated[str, typer.Option(help="Submissions with this in their name.")]
Jobs = Annotated[int, typer.Option(min=0, help="How many gradings at a time; 0: one a core.")]
Warm = Annotated[
    bool,
    typer.Option(
        "--warm/--cold", help="Fork workers from a warmed process, or start each on its own."
    ),
]
Out = Annotated[Path | None, typer.Option(help="Write it here as JSON.")]
Markdown = Annotated[Path | None, typer.Option(help="Write it here as Markdown.")]


@app.callback()
def submissions() -> None:
    """Submissions that are wrong or right on purpose: what the grader makes of them."""


@app.command()
def matrix(
    only: Only = "",
    warm: Warm = True,
    jobs: Jobs = 0,
    out: Out = None,
    markdown: Markdown = None,
) -> None:
    """Grade every submission on every check; exit with 1 if one cell is not as expected."""
    chosen = [
        patch for kind in ("wrong", "correct") for patch in read_patches(kind) if only in patch.name
    ]
    _check_options(only, chosen, out, markdown)
    rows = []
    with progress_bar("submissions", len(chosen), Console(stderr=True)) as advance:
        for row in in_parallel(functools.partial(grade_patch, warm=warm), chosen, jobs or cores()):
            rows.append(row)
            advance()
    made = build_matrix(rows, is_whole=not only)
    _print(show.on_console(made))
    if out is not None:
        write_json(out, made.to_json(machine()))
    if markdown is not None:
        _write_text(markdown, show.as_markdown(made))
    if not made.is_as_expected:
        raise typer.Exit(1)


@app.command()
def hostile(
    only: Only = "",
    sandbox: Annotated[Level, typer.Option(help="The level that is attacked.")] = Level.bwrap,
    warm: Warm = False,
    jobs: Jobs = 0,
    out: Out = None,
    markdown: Markdown = None,
) -> None:
    """Attack the grader; exit with 1 if one attack gets what it must not.

    Where the level bwrap is not to be had, nothing is attacked: that is said, and is a failure
    only where OSR_REQUIRE_BWRAP is set, as in this repository's workflow.
    """
    level = sandbox.value
    if level == "bwrap" and (reason := bwrap.why_not()):
        typer.echo(f"hostile submissions: none graded, no level bwrap here: {reason}")
        raise typer.Exit(1 if os.environ.get("OSR_REQUIRE_BWRAP") else 0)
    chosen = [attack for attack in read_attacks() if only in attack.name]
    _check_options(only, chosen, out, markdown)
    if warm and level != "bwrap":
        raise UsageError(f"--warm: at the level {level} no worker is forked; leave it out")
    rows, before = [], grade_reference(level)
    with progress_bar("attacks", len(chosen), Console(stderr=True)) as advance:
        for row in in_parallel(
            functools.partial(besiege, level=level, warm=warm), chosen, jobs or cores()
        ):
            rows.append(row)
            advance()
    aftermath = what_changed(before, grade_reference(level))
    made = verdict.build_verdict(level, rows, aftermath)
    _print(verdict.on_console(made))
    if out is not None:
        write_json(out, made.to_json(machine()))
    if markdown is not None:
        _write_text(markdown, verdict.as_markdown(made))
    if not made.is_held:
        raise typer.Exit(1)


def _check_options(only: str, chosen: Sequence[object], *paths: Path | None) -> None:
    """Refuse a choice of nothing, and files that cannot be written, before anything is graded."""
    if not chosen:
        raise UsageError(f"--only {only}: no submission has that in its name")
    for path in paths:
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"{path}: its folder is not there; make it first")


def _print(table: RenderableType) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(table)


def _write_text(path: Path, text: str) -> None:
    write_whole(path, lambda file: file.write(text.encode("utf-8")))


if __name__ == "__main__":
    app(prog_name="python -m tests.submissions")
