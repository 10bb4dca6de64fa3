"""`python -m solutions zoo`: list, run and compare the methods.

What imports torch is imported inside its command, so that help stays fast.
"""

from __future__ import annotations

import difflib
import os
import shlex
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer
from rich.console import Console

from solutions.errors import UserError

app = typer.Typer(no_args_is_help=True, add_completion=False)


class Budget(str, Enum):
    """How much training."""

    default = "default"
    seed = "seed"
    quick = "quick"


class Wanted(str, Enum):
    """Problems to reproduce."""

    all = "all"
    mnist = "mnist"
    splits = "splits"
    digits = "digits"


Methods = Annotated[
    list[str] | None, typer.Option("--method", help="Only this method; may be repeated.")
]
Folder = Annotated[
    Path | None, typer.Option(help="The folder of results.", show_default="solutions/results")
]


@app.callback()
def zoo() -> None:
    """Methods of open-set recognition, measured side by side."""


@app.command("list")
def list_methods() -> None:
    """Name every method, its system and what it shares its network with."""
    from solutions.zoo.catalogue import all_methods

    for spec in all_methods().values():
        typer.echo(f"{spec.name:26} {spec.system:7} {spec.title} ({spec.training.name})")


@app.command()
def page(method: Annotated[str, typer.Argument(help="A method; zoo list names them.")]) -> None:
    """Explain one method: its idea, formula, source and files."""
    from solutions.zoo.catalogue import find
    from solutions.zoo.tables.pages import page as as_page

    typer.echo(as_page(find(method)))


@app.command()
def run(
    method: Annotated[str, typer.Argument(help="A method; zoo list names them.")],
    problem: Annotated[
        str, typer.Option("--data", help="mnist, digits, split-1 to split-5, or auto.")
    ] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Of split, weights and order.")] = 0,
    budget: Annotated[Budget, typer.Option(help="How much training.")] = Budget.default,
    out: Annotated[
        Path | None, typer.Option(help="The run's folder.", show_default="runs/DATE_METHOD")
    ] = None,
) -> None:
    """Train one method, measure it, draw it: configuration, metrics, scores, weights, plots."""
    import datetime

    from datasets import choose
    from solutions.zoo.catalogue import find
    from solutions.zoo.run_folder import RunFolder, fresh
    from solutions.zoo.running import run as run_method
    from solutions.zoo.tables.problems import load_problem, problem_names

    spec = find(method)
    name = choose("auto").name if problem == "auto" else problem
    names = ("auto", *problem_names())
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}? There are" if near else "there are"
        raise UserError(f"no data {name!r}: {hint} {', '.join(names)}")
    stamp = datetime.datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    path = out or fresh(Path("runs", f"{stamp}_{method}"))
    options = ["--data", name, "--seed", str(seed), "--budget", budget.value, "--out", str(path)]
    again = shlex.join(["python", "-m", "solutions", "zoo", "run", method, *options])
    folder = RunFolder(path, again)
    metrics = run_method(spec, load_problem(name), seed, budget.value, folder, typer.echo)
    summary = metrics["summary"]
    typer.echo(
        f"known {summary['known_accuracy']:.2%} right, {summary['known_rejection']:.2%} rejected"
    )
    for family, numbers in summary["families"].items():
        reversed_sign = " (below .5: known images look the less known)" * (numbers["auroc"] < 0.5)
        typer.echo(
            f"{family}: {numbers['unknown_accuracy']:.2%} of {numbers['images']:,} rejected, "
            f"AUROC {numbers['auroc']:.4f}{reversed_sign}"
        )
    typer.echo(f"written  {folder.path}")


@app.command()
def reproduce(
    quick: Annotated[
        bool, typer.Option("--quick", help="A look at everything in minutes, into build/zoo.")
    ] = False,
    problem: Annotated[Wanted, typer.Option("--data", help="Which tables.")] = Wanted.all,
    method: Methods = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="How many seeds a method; a split is measured once.")
    ] = 5,
    budget: Annotated[Budget, typer.Option(help="How much training.")] = Budget.default,
    jobs: Annotated[int | None, typer.Option(min=1, help="Networks at a time.")] = None,
    out: Folder = None,
) -> None:
    """Measure what is missing or stale, and render the tables. Finished cells are kept."""
    from concurrent.futures.process import BrokenProcessPool

    from rich.progress import Progress

    from solutions.measure import RESULTS
    from solutions.zoo.catalogue import all_methods, find
    from solutions.zoo.tables.problems import available_problems
    from solutions.zoo.tables.reproduce import Measured, jobs_for
    from solutions.zoo.tables.reproduce import reproduce as run_all
    from solutions.zoo.tables.results import Results

    specs = [find(name) for name in method] if method else list(all_methods().values())
    folder = out or (Path("build/zoo") if quick else RESULTS)
    kind: Literal["default", "seed", "quick"] = "quick" if quick else budget.value
    work = []
    for name in available_problems(problem.value):
        if quick and name.startswith("split-") and name != "split-1":
            continue  # one is as good a look as five
        # A split is its own seed: five splits are five measurements.
        split = name.startswith("split-")
        numbers = [int(name[-1])] if split else range(1 if quick else seeds)
        work += jobs_for(specs, name, numbers, kind, Results(name, folder))
    processes = jobs or min(len(work) or 1, os.cpu_count() or 1)
    console = Console(stderr=True)
    with Progress(console=console) as progress:
        bar = progress.add_task("networks", total=len(work))

        def show(measured: Measured) -> None:
            progress.advance(bar)
            job, cells = measured.job, measured.cells
            names = ", ".join(cell["method"] for cell in cells) or "nothing"
            spent = f"{cells[0]['train_cpu_s']:.0f} CPU s to train; " if cells else ""
            line = f"{job.problem}, seed {job.seed}: {spent}{names}"
            progress.console.print(line, highlight=False)
            for cell in cells:
                families = cell["summary"]["families"]
                below = [name for name, numbers in families.items() if numbers["auroc"] < 0.5]
                if below:
                    line = f"  {cell['method']}: AUROC below .5 on {', '.join(below)}"
                    progress.console.print(line, highlight=False)

        try:
            failures = run_all(work, processes, folder, show)
        except BrokenProcessPool as error:
            raise UserError(
                "a process that was measuring has been killed (too little memory? then --jobs 1); "
                f"finished cells are kept in {folder}, and the same command goes on"
            ) from error
    typer.echo(f"{len(work)} networks trained; results in {folder}")
    _render(folder, kind)
    for failure in failures:
        typer.echo(f"not measured: {failure}", err=True)
    if failures:
        raise typer.Exit(1)


@app.command()
def tables(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if the page is out of date.")
    ] = False,
) -> None:
    """Render the results into solutions/README.md."""
    from solutions.zoo.tables.readme import README, rendered

    if not check:
        from solutions.measure import RESULTS

        _render(RESULTS, "default")
    elif rendered() != README.read_text(encoding="utf-8"):
        typer.echo(f"{README} is out of date: python -m solutions zoo tables")
        raise typer.Exit(1)


def _render(folder: Path, budget: Literal["default", "seed", "quick"]) -> None:
    """Write the page: the committed one from the committed results, others beside theirs."""
    from datasets.files import write_whole
    from solutions.files import shown, write_atomically
    from solutions.measure import RESULTS
    from solutions.zoo.tables.pictures import pictures
    from solutions.zoo.tables.readme import README, rendered
    from solutions.zoo.tables.results import Results

    committed = folder == RESULTS and budget == "default"
    page = README if committed else folder / f"tables-{budget}.md"
    write_atomically(page, rendered(folder, budget))
    if committed:
        for name, png in pictures(Results("mnist").only(budget)).items():
            write_whole(RESULTS / name, partial(_write, png))
    typer.echo(f"written  {shown(page)}")


def _write(png: bytes, file: BinaryIO) -> None:
    file.write(png)
