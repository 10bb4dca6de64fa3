"""`python -m tests.fuzz`: do readers end in a result or in their own error, whatever they read?"""

from __future__ import annotations

import datetime
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from grader.record import write_json
from solutions.measure import machine
from tests.fuzz.campaign import SCHEMA, choose, run, share_out, table


def main(
    cases: Annotated[int, typer.Option(min=1, help="How many, over all targets.")] = 20_000,
    only: Annotated[str, typer.Option(help="Targets with this in their name.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same cases.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write it here.", show_default="not at all")
    ] = None,
) -> None:
    """Fuzz the readers; exit with 1 where one of them has a fault."""
    warnings.simplefilter("error")  # as in pytest: a mean of nothing is a fault too
    targets = choose(only)
    if not targets:
        raise typer.BadParameter(f"no target has {only!r} in its name")
    counts = share_out(targets, cases)
    tallies = [run(target, counts[target.name], seed) for target in targets]
    typer.echo(table(tallies))
    faults = [(tally.target, fault) for tally in tallies for fault in tally.faults]
    for name, fault in faults:
        typer.echo(f"{name}, case {fault['case']}: {fault['error']} ({fault['place']})")
    if out is not None:
        about = {
            "schema": SCHEMA,
            "command": f"python -m tests.fuzz --cases {cases} --seed {seed}",
            "measured_at": datetime.date.today().isoformat(),
            "machine": machine(),
            "cases": sum(tally.cases for tally in tallies),
        }
        write_json(out, about | {"targets": [asdict(tally) for tally in tallies]})
    if faults:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
