"""`python -m tests.fairness`: do marks depend on the machine, or on luck?"""

from __future__ import annotations

import datetime
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from datasets.command_line import one_line_errors
from datasets.errors import DataError
from grader.errors import GraderError, UsageError
from grader.record import write_json
from solutions.measure import machine
from tests.fairness import flakes as luck
from tests.fairness import memorisation as gaps
from tests.fairness import tolerances as headroom
from tests.fairness.conditions import CONDITIONS
from tests.fairness.jobs import Graded, Job, grade_job
from tests.submissions.parallel import cores, in_parallel, progress_bar
from tests.submissions.patches import PatchError

JOURNAL = Path("build/flakes.jsonl")
Wanted = TypeVar("Wanted")
Made = TypeVar("Made")

app = typer.Typer(
    cls=one_line_errors({UsageError: 2, DataError: 2, PatchError: 2, GraderError: 3}),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Jobs = Annotated[int, typer.Option(min=0, help="How many gradings at a time; 0: one a core.")]


@app.callback()
def fairness() -> None:
    """Measure whether right submissions get the same marks everywhere and every time."""


@app.command()
def tolerances(
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 3,
    only: Annotated[str, typer.Option(help="Submissions with this in their name.")] = "",
    jobs: Jobs = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write it here.", show_default="not at all")
    ] = None,
) -> None:
    """Grade right submissions as other machines would, and compare deviations with tolerances.

    Exits with 1 where a check is lost under a condition that has to hold.
    """
    names = tuple(entry.name for entry in CONDITIONS)
    wanted = headroom.tolerance_jobs(seeds, names, only)
    summary = headroom.summarise(_grade(wanted, jobs))
    _print_lost(summary["lost"])
    typer.echo(headroom.table(summary))
    for name, entry in summary["conditions"].items():
        typer.echo(f"{name}: {entry['gradings']} gradings, {entry['lost']} checks lost")
    if out is not None:
        command = f"python -m tests.fairness tolerances --seeds {seeds}"
        write_json(out, _about(headroom.SCHEMA, command) | summary)
    if headroom.broken(summary):
        raise typer.Exit(1)


@app.command()
def flakes(
    reference: Annotated[int, typer.Option(min=0, help="Gradings of the reference.")] = 200,
    rounds: Annotated[int, typer.Option(min=0, help="Gradings of each correct one.")] = 50,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop after that long; a later run goes on.")
    ] = None,
    jobs: Jobs = 0,
    journal: Annotated[Path, typer.Option(help="What is done; a later run goes on.")] = JOURNAL,
    out: Annotated[
        Path | None, typer.Option(help="Write it here.", show_default="not at all")
    ] = None,
) -> None:
    """Grade right submissions with many seeds; exit with 1 where one ever loses a check."""
    wanted = luck.flake_jobs(reference, rounds)
    known = luck.read_journal(journal)
    sources = luck.sources_sha256()
    names = [luck.fingerprint(job, sources) for job in wanted]
    missing = [job for job, name in zip(wanted, names, strict=True) if name not in known]
    journal.parent.mkdir(parents=True, exist_ok=True)
    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    with journal.open("a", encoding="utf-8") as lines:
        for result in _grade(missing, jobs):
            entry = luck.entry_of(result, sources)
            known[entry["fingerprint"]] = entry
            lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
            lines.flush()
            _print_lost(entry["lost"])
            if deadline is not None and time.monotonic() > deadline:
                break
    summary = luck.summarise(known[name] for name in names if name in known)
    summary["gradings_asked"] = len(wanted)
    typer.echo(
        f"{summary['gradings']} of {len(wanted)} gradings done, "
        f"{summary['flaky_gradings']} lost a check"
    )
    if out is not None:
        command = f"python -m tests.fairness flakes --reference {reference} --rounds {rounds}"
        write_json(out, _about(luck.SCHEMA, command) | summary)
    if summary["lost"]:
        raise typer.Exit(1)


@app.command()
def memorisation(
    data: Annotated[str, typer.Option(help="digits or mnist.")] = "digits",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of the reference.")] = 20,
    others: Annotated[
        bool, typer.Option(help="Train the correct submissions' networks too.")
    ] = True,
    jobs: Jobs = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write it here.", show_default="not at all")
    ] = None,
) -> None:
    """Compare honest models' known accuracy on public and on hidden, moved digits."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = gaps.build_bundle(data, Path(folder, "hidden.npz"))
        wanted = gaps.trainings(data, seeds, bundle, others)
        summary = gaps.summarise(_each(gaps.compare, wanted, jobs, "trainings"), data)
    typer.echo(
        f"{summary['models']} models: known accuracy on public digits exceeds that on moved ones "
        f"by {summary['mean']:.4f} ± {summary['deviation']:.4f}, at most {summary['largest']:.4f}"
    )
    if out is not None:
        command = f"python -m tests.fairness memorisation --data {data} --seeds {seeds}"
        write_json(out, _about(gaps.SCHEMA, command) | summary)


def _grade(wanted: list[Job], jobs: int) -> Iterator[Graded]:
    return _each(grade_job, wanted, jobs, "gradings")


def _each(
    work: Callable[[Wanted], Made], wanted: list[Wanted], jobs: int, title: str
) -> Iterator[Made]:
    """What comes of each, as it comes, with a bar."""
    with progress_bar(title, len(wanted), Console(stderr=True)) as advance:
        for result in in_parallel(work, wanted, jobs or cores()):
            yield result
            advance()


def _print_lost(lost: list[dict[str, Any]]) -> None:
    for entry in lost:
        typer.echo(
            f"{entry['submission']}, {entry['condition']}, seed {entry['seed']}: "
            f"{entry['check']} {entry['status']}: {entry['message']}"
        )


def _about(schema: str, command: str) -> dict[str, Any]:
    return {
        "schema": schema,
        "command": command,
        "measured_at": datetime.date.today().isoformat(),
        "machine": machine(),
        "sources_sha256": luck.sources_sha256(),
    }


if __name__ == "__main__":
    app(prog_name="python -m tests.fairness")
