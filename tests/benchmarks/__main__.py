"""`python -m tests.benchmarks`: what the commands cost, alone and beside others.

`compare` measures everything into one file, `page` makes a page of it, `guard` looks whether
something has become slower since; `throughput` is one part of the comparison by itself.
"""

from __future__ import annotations

import shutil
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from datasets.command_line import one_line_errors
from datasets.files import write_whole
from grader.errors import GraderError, UsageError
from grader.record import write_json
from tests.classroom.handing_in import ROOT, train
from tests.faults.lab import adopt_orphans

from . import commands

FOLDER = ROOT / "build" / "throughput"  # is made anew each time
PEERS = ROOT / "build" / "peers"
COMPARISON = Path(__file__).with_name("comparison.json")
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


@app.command()
def compare(
    out: Annotated[Path, typer.Option(help="Write the figures here, as JSON.")] = COMPARISON,
    only: Annotated[
        list[str] | None,
        typer.Option(help="This part alone, beside the others that OUT holds; may be repeated."),
    ] = None,
    quick: Annotated[bool, typer.Option(help="Everything small: does it all work?")] = False,
    throughput: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="What `throughput --out` wrote, instead of the same race again.",
        ),
    ] = None,
) -> None:
    """Everything beside everything else, in one go: about an hour on a quiet machine."""
    from .comparison.page import read
    from .comparison.parts import PARTS
    from .comparison.parts import compare as measure
    from .comparison.raced import raced

    # What is quick is for machines that run the guard by itself.
    names = tuple(only or (name for name in PARTS if not (quick and name == "guard")))
    if strays := [name for name in names if name not in PARTS]:
        raise UsageError(f"--only {strays[0]}: there is no such part; there are {', '.join(PARTS)}")
    if not out.parent.is_dir():  # else it is found out in an hour
        raise UsageError(f"{out}: there is no folder {out.parent}")
    given = {} if throughput is None else {"throughput": raced(throughput)}
    words = ["python -m tests.benchmarks compare", *(f"--only {name}" for name in only or ())]
    command = " ".join([*words, *(["--quick"] if quick else [])])
    say = Console(stderr=True).print
    found = read(out) if only else None
    failed = []
    for name in names:
        try:
            found = measure([name], quick, command, say, found, given)
        except GraderError as error:  # what others found in an hour is not lost with it
            failed.append(f"{name}: {error}")
            continue
        write_json(out, found)
    if failed:
        raise GraderError(f"not measured: {'; '.join(failed)}")
    typer.echo(f"written  {out}")


@app.command()
def page(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if it is out of date.")
    ] = False,
) -> None:
    """Make the page and its picture from the committed comparison."""
    from .comparison.page import DATA, PICTURE, README, bars, read, rendered

    comparison = read()
    if comparison is None:
        typer.echo(f"{DATA.name}: nothing is committed yet, so there is no page (make bench)")
        return
    text = rendered(comparison)
    if check:
        if not README.is_file() or README.read_text(encoding="utf-8") != text:
            typer.echo(f"{README} is out of date: python -m tests.benchmarks page")
            raise typer.Exit(1)
        return
    from .comparison.picture import draw

    write_whole(README, lambda file: file.write(text.encode()))
    write_whole(PICTURE, lambda file: file.write(draw(bars(comparison["parts"]))))
    typer.echo(f"written  {README}")


@app.command()
def guard(
    against: Annotated[Path, typer.Option(help="What `compare` wrote.")] = COMPARISON,
) -> None:
    """Measure a few ratios and exit with 1 where one is far above the committed one."""
    from rich.table import Table

    from .comparison.page import read
    from .comparison.parts import measured_apart
    from .comparison.ratios import RATIOS, judge, table

    comparison = read(against)
    part = ((comparison or {}).get("parts") or {}).get("guard")
    if part is None:
        typer.echo(f"{against.name}: nothing is committed to compare with (make bench)")
        return
    verdicts = judge(
        measured_apart("guard", quick=True)["found"]["ratios"], part["found"]["ratios"]
    )
    shown = Table(title=f"beside {part['measured_at']}, {part['machine']['processor']}")
    for column in ("ratio", "now", "committed", "at most", ""):
        shown.add_column(column, justify="left" if column == "ratio" else "right")
    for row in table(verdicts):
        shown.add_row(*row)
    Console(width=WIDTH).print(shown)
    if slower := [verdict for verdict in verdicts if verdict.slower]:
        for verdict in slower:
            typer.echo(f"slower: {RATIOS[verdict.name].says}", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
