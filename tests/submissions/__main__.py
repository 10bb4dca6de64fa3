"""`python -m tests.submissions matrix`: grade every submission, and judge the grader by it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from datasets.command_line import one_line_errors
from datasets.errors import DataError
from datasets.files import write_whole
from grader.errors import GraderError, UsageError
from grader.record import write_json
from solutions.measure import machine
from tests.submissions.grading import grade_patch
from tests.submissions.matrix import build_matrix
from tests.submissions.parallel import cores, in_parallel, progress_bar
from tests.submissions.patches import PatchError, read_patches
from tests.submissions.show import as_markdown, on_console

WIDTH = 140  # where there is no terminal to ask

app = typer.Typer(
    cls=one_line_errors({UsageError: 2, DataError: 2, PatchError: 2, GraderError: 3}),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def submissions() -> None:
    """Submissions that are wrong or right on purpose: what the grader makes of them."""


@app.command()
def matrix(
    only: Annotated[str, typer.Option(help="Submissions with this in their name.")] = "",
    jobs: Annotated[
        int, typer.Option(min=0, help="How many gradings at a time; 0: one a core.")
    ] = 0,
    out: Annotated[Path | None, typer.Option(help="Write it here as JSON.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write it here as Markdown.")] = None,
) -> None:
    """Grade every submission on every check; exit with 1 if one cell is not as expected."""
    chosen = [
        patch for kind in ("wrong", "correct") for patch in read_patches(kind) if only in patch.name
    ]
    if not chosen:
        raise UsageError(f"--only {only}: no submission has that in its name")
    for path in (out, markdown):
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"{path}: its folder is not there; make it first")
    rows = []
    with progress_bar("submissions", len(chosen), Console(stderr=True)) as advance:
        for row in in_parallel(grade_patch, chosen, jobs or cores()):
            rows.append(row)
            advance()
    made = build_matrix(rows, is_whole=not only)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(on_console(made))
    if out is not None:
        write_json(out, made.to_json(machine()))
    if markdown is not None:
        text = as_markdown(made).encode("utf-8")
        write_whole(markdown, lambda file: file.write(text))
    if not made.is_as_expected:
        raise typer.Exit(1)


if __name__ == "__main__":
    app(prog_name="python -m tests.submissions")
