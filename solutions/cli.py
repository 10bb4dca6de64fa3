"""`python -m solutions`: what maintainers do with the reference solution.

A command reads its options, calls one function of a module beside this file, and prints. What
imports torch is imported inside its command, so that help stays fast.
"""

from __future__ import annotations

import shlex
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from datasets.command_line import VersionOption, one_line_errors
from datasets.errors import DataError
from grader.errors import GraderError, UsageError
from solutions.errors import UserError
from solutions.files import read_source, shown, write_atomically
from solutions.release.command import release
from solutions.stubs import ASSIGNMENT, REFERENCE, difference, make_stubs, state, write_stubs
from solutions.zoo.cli import app as zoo


class Profiles(str, Enum):
    """Profiles of data to measure on."""

    all = "all"
    digits = "digits"
    mnist = "mnist"


app = typer.Typer(
    cls=one_line_errors({UserError: 2, UsageError: 2, DataError: 2, GraderError: 3}),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(zoo, name="zoo")
app.command()(release)


@app.callback()
def solutions(version: VersionOption = False) -> None:
    """Work with the reference solution of the assignment."""


@app.command()
def stubs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if a stub is out of date.")
    ] = False,
    out: Annotated[
        Path, typer.Option(help="The folder to write to.", show_default="assignment")
    ] = ASSIGNMENT,
    reference: Annotated[
        Path,
        typer.Option(help="The folder of the solved modules.", show_default="solutions/reference"),
    ] = REFERENCE,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite stubs that somebody filled in.")
    ] = False,
) -> None:
    """Make the assignment's stubs from the reference solution."""
    made = make_stubs(reference, out)
    if not check:
        changed = write_stubs(made, force)
        for stub in made:
            typer.echo(f"{'written' if stub in changed else 'unchanged'}  {shown(stub.path)}")
        return
    outdated = [(stub, found) for stub in made if (found := state(stub)) != "up to date"]
    if not outdated:
        typer.echo(f"{len(made)} stubs are up to date")
        return
    for stub, found in outdated:
        typer.echo(f"{shown(stub.path)}: {found}")
        if found != "missing":
            typer.echo(difference(stub))
    repair = ["python", "-m", "solutions", "stubs"]
    repair += ["--out", shown(out)] if out != ASSIGNMENT else []
    repair += ["--reference", shown(reference)] if reference != REFERENCE else []
    repair += ["--force"] if any(found == "filled in" for _, found in outdated) else []
    typer.echo(f"repair with: {shlex.join(repair)}")
    raise typer.Exit(1)


@app.command()
def results(
    data: Annotated[
        Profiles, typer.Option(help="Which profile; all: whichever are there.")
    ] = Profiles.all,
    seeds: Annotated[int, typer.Option(min=1, help="How many trainings a profile.")] = 20,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write to.", show_default="solutions/results")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many trainings at a time.")] = 1,
    table: Annotated[
        bool, typer.Option("--table", help="Measure nothing; show what is there as Markdown.")
    ] = False,
    ramps: Annotated[
        bool, typer.Option("--ramps", help="Measure nothing; write the figures into the rubric.")
    ] = False,
) -> None:
    """Measure the reference solution over seeds, and write what the grader compares with."""
    from solutions.measure import RESULTS, measure, read_results, write_results
    from solutions.measure import table as as_table

    if table:
        typer.echo(as_table(read_results(out or RESULTS)))
        return
    if ramps:
        from grader.rubric import RUBRIC
        from solutions.ramps import with_figures

        text = with_figures(read_source(RUBRIC), read_results(out or RESULTS))
        write_atomically(RUBRIC, text)
        typer.echo(f"written  {shown(RUBRIC)}")
        return
    from datasets import choose

    def show(run: dict[str, Any]) -> None:
        typer.echo(
            f"  seed {run['seed']:>2}: {run['score']:g} points, known {run['known_accuracy']:.2%}, "
            f"unknown {run['unknown_accuracy']:.2%}, {run['train_wall_s']:.1f} s to train"
        )

    has_mnist = choose("auto").name == "mnist"
    available = ("digits", "mnist") if has_mnist else ("digits",)
    for name in available if data == Profiles.all else (data.value,):
        typer.echo(f"{name}:")
        path = write_results(measure(name, seeds, show, jobs), out or RESULTS)
        typer.echo(f"written  {shown(path)}")
