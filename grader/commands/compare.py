"""`python -m grader compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datasets.command_line import Data, working

from ..errors import EXIT_USAGE, GraderError, UsageError
from ..interrupts import interruptible
from .options import Level, SandboxOption, Train, TrainOption
from .targets import check_target, output_beside, write_data, write_picture

if TYPE_CHECKING:
    from ..compare.entrants import Entrant
    from ..plan import Plan


@interruptible()
def compare(
    submission: Annotated[
        list[Path] | None, typer.Argument(help="Folders, archives or notebooks to measure.")
    ] = None,
    record: Annotated[
        list[Path] | None, typer.Option(help="A record of grade --json; may be repeated.")
    ] = None,
    gradebook: Annotated[
        Path | None, typer.Option(help="Every student's current grade in it.")
    ] = None,
    data: Annotated[Data, typer.Option(help="auto: what the records have.")] = Data.auto,
    hidden: Annotated[
        Path | None, typer.Option(help="A hidden bundle to measure submissions on.")
    ] = None,
    train: TrainOption = Train.auto,
    sandbox: SandboxOption = Level.auto,
    json: Annotated[
        Path | None, typer.Option(help="Write the comparison here; -: print it.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw it here, a .png.")] = None,
) -> None:
    """Put submissions beside the reference and published systems.

    One that cannot be measured is said and left out, and the exit code is 2.
    """
    from rich.console import Console

    from ..compare.console import print_comparison
    from ..compare.entrants import compare as put_together
    from ..compare.entrants import read_entrant, same_images
    from ..plan import Plan

    check_target("--json", json)
    check_target("--plot", plot, ".png")
    entrants = [read_entrant(path) for path in record or ()]
    entrants += _of_gradebook(gradebook) if gradebook else []
    asked = data.value
    if entrants:
        images = same_images(entrants)
        if submission and (images.tier == "hidden") != (hidden is not None):
            whether = "name that bundle with --hidden" if hidden is None else "leave out --hidden"
            raise UsageError(f"the records were measured on {images}: {whether}")
        if submission and asked not in ("auto", images.data):
            raise UsageError(f"--data {asked}: the records were measured on {images}")
        asked = images.data
    measured = [
        _measure(Plan(path, data=asked, hidden=hidden, tasks=("accuracy",),
                      train=train.value, sandbox=sandbox.value))
        for path in submission or ()
    ]  # fmt: skip
    entrants += [made for made in measured if made]
    if not entrants:
        raise UsageError("there is nothing to compare: name submissions, --record or --gradebook")
    comparison = put_together(entrants)
    if json is not None:
        write_data(json, comparison.to_json())
    if plot is not None:
        from ..compare.picture import draw_comparison

        write_picture(plot, draw_comparison(comparison))
    print_comparison(Console(file=output_beside(json), highlight=False), comparison)
    if None in measured:  # each was said; a script that asked for it must not take this for all
        raise typer.Exit(EXIT_USAGE)


def _of_gradebook(path: Path) -> list[Entrant]:
    from ..compare.entrants import entrant_of
    from ..gradebook import Gradebook

    with Gradebook(path, create=False) as book:
        grades = book.current()
    made = [
        entrant
        for grade in grades
        if grade.record["status"] == "graded"
        and (entrant := entrant_of(grade.record, grade.name or grade.student))
    ]
    if not made:
        raise UsageError(f"{path}: no student's model was measured in it")
    return made


def _measure(plan: Plan) -> Entrant | None:
    """Measure a submission's model; one that cannot be is a line, and the others go on."""
    from ..compare.entrants import entrant_of
    from ..grading import grade
    from ..text import one_line

    name = one_line(str(plan.path))
    typer.echo(f"measuring {name}", err=True)
    try:
        with working(f"{name}: its model answers"):
            record = grade(plan)
    except UsageError as error:
        typer.echo(f"left out: {one_line(str(error), 500)}", err=True)
        return None
    checks = [check for task in record.tasks for check in task.checks]
    if record.status == "grader_error":
        broken = next(check for check in checks if check.status == "grader_error")
        raise GraderError(f"{name}: {broken.message}")
    if record.metrics is None:
        typer.echo(f"left out: {name}: {one_line(checks[0].message, 500)}", err=True)
        return None
    return entrant_of(record.to_json())
