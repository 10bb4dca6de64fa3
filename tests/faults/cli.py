"""`python -m tests.faults`: grade while the machine fails, and judge how the grader ends."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from grader.record import write_json

from . import boxes, bundles, ends, machine
from .lab import FaultError, Lab, SkippedError, adopt_orphans, new_lab

SCHEMA = "osr-faults/1"


@dataclass(frozen=True)
class Fault:
    """One fault: what it does, how often in the full form and in the short one."""

    run: Callable[[Lab], str]
    rounds: int
    short: int
    slow: bool = False

    @property
    def name(self) -> str:
        """As `--only` takes it."""
        return self.run.__name__


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: verdict "held", "broken" or "skipped"."""

    name: str
    rounds: int
    seen: list[str]
    verdict: str


FAULTS = (
    Fault(ends.killed, 10, 2),
    Fault(ends.interrupted, 9, 1),
    Fault(machine.full_temporary_folder, 6, 1),
    Fault(machine.full_output_folder, 2, 1, slow=True),
    Fault(machine.full_standard_output, 1, 1, slow=True),
    Fault(machine.write_breaks_off, 2, 2, slow=True),
    Fault(machine.read_only_output, 2, 1),
    Fault(machine.no_output_folder, 1, 1),
    Fault(machine.no_temporary_folder, 1, 1, slow=True),
    Fault(machine.clock_jumps, 5, 1, slow=True),
    Fault(boxes.worker_does_not_start, 4, 1),
    Fault(boxes.worker_does_not_start_again, 2, 1, slow=True),
    Fault(boxes.bwrap_missing, 1, 1, slow=True),
    Fault(boxes.bwrap_refused, 1, 1, slow=True),
    Fault(boxes.bwrap_hangs, 1, 1, slow=True),
    Fault(boxes.bwrap_breaks_later, 2, 1, slow=True),
    Fault(bundles.unreadable_bundle, 10, 2),
    Fault(bundles.bundle_vanishes, 1, 1, slow=True),
)


def main(
    only: Annotated[str, typer.Option(help="Only those whose name holds this text.")] = "",
    rounds: Annotated[int, typer.Option(min=0, help="Of each; 0: as many as it wants.")] = 0,
    short: Annotated[bool, typer.Option("--short", help="As few rounds as make sense.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the moments and sizes.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the outcomes here as JSON.")] = None,
) -> None:
    """Run the real command under every fault of the grader's own side.

    Exits with 1 if one of them costs a student points, leaves something behind, or is not said.
    """
    console = Console(highlight=False, soft_wrap=True)
    adopt_orphans()
    outcomes = []
    for fault in (fault for fault in FAULTS if only in fault.name):
        count = rounds or (fault.short if short else fault.rounds)
        outcomes.append(_run(fault, count, seed))
        console.print(f"{outcomes[-1].verdict}: {fault.name}", markup=False)
    console.print(_table(outcomes))
    if out is not None:
        write_json(
            out, {"schema": SCHEMA, "seed": seed, "faults": [asdict(each) for each in outcomes]}
        )
    raise typer.Exit(any(each.verdict == "broken" for each in outcomes))


def _run(fault: Fault, rounds: int, seed: int) -> Outcome:
    """All rounds of a fault, up to the first that breaks."""
    rng = random.Random(f"{fault.name} {seed}")
    seen: list[str] = []
    for number in range(rounds):
        with new_lab(rng, number) as lab:
            try:
                said = fault.run(lab)
            except FaultError as error:
                return Outcome(fault.name, number + 1, [str(error)], "broken")
            except SkippedError as reason:
                return Outcome(fault.name, number, [*seen, str(reason)], "skipped")
            seen.append(said.replace(str(lab.root), "…"))
    return Outcome(fault.name, rounds, list(dict.fromkeys(seen)), "held")


def _table(outcomes: list[Outcome]) -> Table:
    table = Table("fault", "rounds", "outcome", "verdict", title="faults")
    for each in outcomes:
        table.add_row(each.name, str(each.rounds), "\n".join(each.seen), each.verdict)
    return table
