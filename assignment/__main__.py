"""`python -m assignment`: what there is to do besides training. Given, not graded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from datasets.command_line import one_line_errors

if TYPE_CHECKING:
    from .report import Run

EXIT_STUDENT, EXIT_USAGE = 1, 2
PACKAGES = ("nbformat", "nbclient", "nbconvert", "ipykernel", "jupyter_client", "IPython")
SHOWN = 5  # errors

app = typer.Typer(
    cls=one_line_errors({}),
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def assignment(context: typer.Context) -> None:
    """The assignment's commands; python -m assignment.train trains."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def report(
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file.", show_default="runs/report.html"),
    ] = None,
    notebook: Annotated[
        Path | None,
        typer.Option(help="Another notebook.", show_default="assignment/walkthrough.ipynb"),
    ] = None,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds that one cell may take.")] = 600,
) -> None:
    """Run the walkthrough on your trained model, and keep it as one HTML file.

    Your own cells are run too; the notebook itself is not changed.
    """
    missing = _missing()
    if missing:
        _stop(f"the report needs {missing}: pip install -e '.[notebook]'", EXIT_USAGE)
    from . import report as making

    out = out or making.RUNS / "report.html"
    try:
        run = making.find_run()
        page, errors = _with_progress(notebook or making.NOTEBOOK, run, timeout)
        making.write_report(page, out)
    except making.ReportError as error:
        _stop(str(error), EXIT_USAGE)
    typer.echo(f"written  {out}")
    for line in errors[:SHOWN]:
        typer.echo(f"in the page: {' '.join(line.split())}", err=True)
    if errors:
        raise typer.Exit(EXIT_STUDENT)


def _with_progress(notebook: Path, run: Run, timeout: int) -> tuple[bytes, list[str]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from . import report as making

    console = Console(highlight=False)
    line = f"running {notebook.name} on your training: {run.line}"
    console.print(line, markup=False, soft_wrap=True)
    columns = (TextColumn("cell"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    shown = console.is_terminal  # no bar in a log file
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not shown
    ) as bar:
        task = bar.add_task("", total=None)
        return making.make_report(
            notebook,
            run,
            lambda cell, count: bar.update(task, completed=cell, total=count),
            timeout,
        )


def _missing() -> str:
    """The first package that is not installed; "" where all are."""
    from importlib.util import find_spec

    return next((name for name in PACKAGES if find_spec(name) is None), "")


def _stop(line: str, code: int) -> NoReturn:
    typer.echo(f"error: {line}", err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    if not __package__:
        typer.echo("error: run it from the folder above: python -m assignment report", err=True)
        sys.exit(EXIT_USAGE)
    app(prog_name="python -m assignment")
