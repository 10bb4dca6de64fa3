"""`python -m grader batch`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from datasets.command_line import INTERRUPTED, Data

from ..errors import EXIT_GRADER, EXIT_USAGE, UsageError
from ..interrupts import interruptible
from .options import Level, SandboxOption, SeedOption, Train, TrainOption


class Layout(str, Enum):
    """How the folder is laid out."""

    auto = "auto"
    plain = "plain"
    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"


class Attempt(str, Enum):
    """Which of a student's attempts count."""

    last = "last"
    first = "first"
    all = "all"


class Regrade(str, Enum):
    """What is graded again."""

    changed = "changed"
    all = "all"


class Cluster(str, Enum):
    """Kinds of clusters that workers are started on."""

    slurm = "slurm"


@interruptible()
def batch(
    folder: Annotated[
        Path, typer.Argument(help="Of submissions; or an LMS's bulk download, also as .zip.")
    ],
    gradebook: Annotated[Path, typer.Option(help="An SQLite file, made where there is none.")],
    jobs: Annotated[
        int, typer.Option(min=0, help="How many at a time; 0: one a core.", show_default=False)
    ] = 0,
    layout: Annotated[Layout, typer.Option(help="auto: recognised by its names.")] = Layout.auto,
    attempt: Annotated[
        Attempt, typer.Option(help="Which of a student's attempts count.")
    ] = Attempt.last,
    only: Annotated[
        list[str] | None, typer.Option(help="This student alone, id or name; may be repeated.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an earlier run ended; the default.")
    ] = False,
    regrade: Annotated[
        Regrade | None,
        typer.Option(help="changed: also what another grader or other data graded; all: all."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help="Grade so many at most in this run.")
    ] = None,
    hidden: Annotated[
        Path | None, typer.Option(help="A hidden bundle to measure accuracy on.")
    ] = None,
    data: Annotated[Data, typer.Option(help="auto: mnist where its files are.")] = Data.auto,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Grade this task alone, into a gradebook of its own; may be repeated."),
    ] = None,
    train: TrainOption = Train.auto,
    sandbox: SandboxOption = Level.auto,
    seed: SeedOption = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a page with pictures for each student in there."),
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="A Dask scheduler whose workers grade, as tcp://host:8786.")
    ] = "",
    cluster: Annotated[
        Cluster | None, typer.Option(help="Start Dask workers as jobs of this kind of cluster.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="How many of them; 1.")] = None,
    cluster_options: Annotated[
        Path | None, typer.Option(help="A TOML file of their jobs' options.")
    ] = None,
) -> None:
    """Grade a folder of submissions in parallel, into a gradebook; go on where it stopped."""
    if resume and regrade is Regrade.all:
        raise UsageError("--resume and --regrade all contradict each other; choose one")
    if scheduler and cluster:
        raise UsageError("--scheduler and --cluster exclude each other; choose one")
    if cluster_options and not cluster:
        raise UsageError("--cluster-options goes with --cluster")
    if workers and not cluster:
        raise UsageError("--workers goes with --cluster; on this machine it is --jobs")
    if jobs and (scheduler or cluster):
        raise UsageError("--jobs is for this machine; workers grade one submission a thread")
    from ..batch.driver import Rules
    from ..batch.local import cores
    from ..batch.run import Interrupted, Options, local, run_batch
    from ..batch.settings import Settings

    options = Options(
        folder, gradebook, layout.value, attempt.value, tuple(only or ()),
        Rules(regrade.value if regrade else "", limit), report,
    )  # fmt: skip
    settings = Settings(data.value, hidden, tuple(task or ()), train.value, sandbox.value, seed)
    if scheduler or cluster:
        from ..batch.cluster import on_scheduler, on_slurm

        make = on_scheduler(scheduler) if scheduler else on_slurm(workers or 1, cluster_options)
    else:
        make = local(jobs or cores())
    try:
        summary, found = run_batch(options, settings, make)
    except Interrupted as stopped:
        typer.echo(str(stopped), err=True)
        raise typer.Exit(INTERRUPTED) from None
    if summary.failed:
        raise typer.Exit(EXIT_GRADER)
    if found.refused:
        raise typer.Exit(EXIT_USAGE)
