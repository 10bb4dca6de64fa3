"""`python -m tests.mutants`: grade every mutant, and list those that no check finds."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

from tests.submissions.parallel import end_with_parent

from .mutate import Mutant, reference_mutants
from .survivors import Survivor, SurvivorsError, complaint, read_survivors, stale
from .trial import lost_check

Verdicts = list[tuple[Mutant, str | None]]


def main(
    jobs: Annotated[
        int, typer.Option(min=1, help="How many to grade at a time.", show_default="all cores")
    ] = os.cpu_count() or 1,
    only: Annotated[str, typer.Option(help="Only those whose name holds this text.")] = "",
    list_only: Annotated[bool, typer.Option("--list", help="List them, grade none.")] = False,
) -> None:
    """Grade the reference solution with one machine-made mistake at a time.

    Exits with 1 if no check finds a mutant and survivors.toml does not say why, or if it explains
    one that is found or does not exist.
    """
    console = Console(highlight=False, soft_wrap=True)
    mutants = reference_mutants()
    try:
        survivors = read_survivors()
    except SurvivorsError as error:
        console.print(f"error: {error}", markup=False)
        raise typer.Exit(2) from None
    problems = stale(mutants, survivors)
    chosen = [mutant for mutant in mutants if only in mutant.name]
    if list_only:
        for mutant in chosen:
            console.print(mutant.name, markup=False)
        return
    verdicts = list(_graded(chosen, jobs, console))
    console.print(_table(verdicts, survivors))
    problems += [text for pair in verdicts if (text := complaint(*pair, survivors))]
    for problem in problems:
        console.print(problem, markup=False)
    raise typer.Exit(1 if problems else 0)


def _graded(
    mutants: Sequence[Mutant], jobs: int, console: Console
) -> Iterator[tuple[Mutant, str | None]]:
    # Fresh processes: the grader runs pytest in its own, and threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=console) as progress,
        ProcessPoolExecutor(jobs, context, initializer=end_with_parent) as pool,
    ):
        task = progress.add_task("mutants", total=len(mutants))
        for mutant, lost in zip(mutants, pool.map(lost_check, mutants), strict=True):
            progress.advance(task)
            yield mutant, lost


def _table(verdicts: Verdicts, survivors: dict[str, Survivor]) -> Table:
    """How many mutants each module has, and what became of them."""
    table = Table("module", title="mutants")
    for column in ("made", "found", "survived", "explained", "missing check"):
        table.add_column(column, justify="right")
    modules = list(dict.fromkeys(mutant.module for mutant, _ in verdicts))
    for module in (*modules, "all"):
        rows = [pair for pair in verdicts if module in ("all", pair[0].module)]
        alive = [mutant.name for mutant, lost in rows if lost is None]
        entries = [survivors[name] for name in alive if name in survivors]
        missing = sum(entry.missing for entry in entries)
        counts = (len(rows), len(rows) - len(alive), len(alive), len(entries) - missing, missing)
        table.add_row(module, *map(str, counts))
    return table
