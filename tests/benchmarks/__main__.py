"""`python -m tests.benchmarks`: what the commands cost; `throughput`: a class, beside others."""

from __future__ import annotations

import shutil
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from datasets.command_line import one_line_errors
from grader.errors import GraderError, UsageError
from grader.record import write_json
from tests.classroom.handing_in import ROOT, train
from tests.faults.lab import adopt_orphans

from . import commands

FOLDER = ROOT / "build" / "throughput"  # is made anew each time
PEERS = ROOT / "build" / "peers"
WIDTH = 110

app = typer.Typer(
    cls=one_line_errors({UsageError: 2, GraderError: 3}),
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Peers(str, Enum):
    """Which other graders to run."""

    all = "all"
    none = "none"
    otter = "otter"
    nbgrader = "nbgrader"


@app.callback(invoke_without_command=True)
def benchmarks(context: typer.Context) -> None:
    """Time and memory; without a command, of the commands that people wait for."""
    if context.invoked_subcommand is None:
        raise typer.Exit(commands.main())


@app.command()
def throughput(
    submissions: Annotated[int, typer.Option(min=2, help="Size of the class.")] = 60,
    peers: Annotated[
        Peers,
        typer.Option(
            help="otter-grader and nbgrader; they are installed once into build/peers, about a "
            "minute. 60 submissions take them about a quarter of an hour."
        ),
    ] = Peers.all,
    large: Annotated[bool, typer.Option(help="A batch of 300 too, not extrapolated.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at a time, of each grader.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of who hands in what.")] = 0,
    weights: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The reference's; else trained."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write it here as JSON.")] = None,
) -> None:
    """Submissions a minute: our batch, a cold process each, otter-grader, nbgrader, in turn."""
    from .throughput import handed_in, race, report
    from .throughput.environment import prepare

    if out is not None and not out.parent.is_dir():  # else it is found out in half an hour
        raise UsageError(f"{out}: there is no folder {out.parent}")
    console = Console(stderr=True)
    names = {Peers.all: tuple(race.PEERS), Peers.none: ()}.get(peers, (peers.value,))
    environment = None
    if names:
        console.print(f"{' and '.join(names)} in {PEERS}: installed first where they are not there")
        environment = prepare(PEERS)
    adopt_orphans()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    console.print("training the reference and networks of the students' own")
    if weights is None:
        weights = train(FOLDER / "reference")
    patches = handed_in.draw_class(max(submissions, race.MANY) if large else submissions, seed)
    everyone = handed_in.hand_in(patches, FOLDER / "handed-in", weights.resolve(), jobs)
    results = race.race(everyone, submissions, FOLDER, jobs, names, environment, console.print)
    if out is not None:
        write_json(out, results)
    for table in report.tables(results):
        Console(width=WIDTH).print(table)


if __name__ == "__main__":
    app()
