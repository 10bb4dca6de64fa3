"""What the commands cost here, beside the unit `import torch`.

Each command runs in turn with the others, several times; medians are printed. Absolute seconds
are this machine's, the ratio to a bare `import torch` in the same run is what to compare.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from grader.sandbox import bwrap

from .process import Measured, run

ROUNDS = 3
CODE_TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")


@dataclass(frozen=True)
class Case:
    """A command to measure, and the targets it is held to (None: no target).

    `above_s`: how many seconds it may take beyond the case before it.
    """

    title: str
    arguments: tuple[str, ...]
    wall_s: float | None = None
    own_mb: float | None = None
    children_mb: float | None = None
    above_s: float | None = None
    rounds: int = ROUNDS


def cases() -> list[Case]:
    """The unit first, then the commands that people wait for."""
    grade = ("-m", "grader", "grade", "solutions/reference", "--data", "digits")
    code = tuple(word for task in CODE_TASKS for word in ("--task", task))
    threshold = (*grade, "--task", "threshold")
    bwrapped = Case(
        "grade --task threshold, bwrap", (*threshold, "--sandbox", "require"), wall_s=3, above_s=0.3
    )
    found = [
        Case("import torch (the unit)", ("-c", "import torch")),
        Case("grader --help", ("-m", "grader", "--help"), wall_s=0.5),
        Case("grader hint", ("-m", "grader", "hint", "contrastive.value"), wall_s=0.5),
        Case("grade --task threshold, plain", (*threshold, "--sandbox", "plain"), wall_s=3),
        *(() if bwrap.why_not() else (bwrapped,)),
        Case("grade, all code checks", (*grade, *code), wall_s=8, own_mb=200, children_mb=700),
        Case("grade, digits trained", grade, wall_s=25, own_mb=200, rounds=1),
    ]
    if os.environ.get("OSR_DATA"):
        mnist = (*grade[:-1], "mnist")
        found.append(Case("grade, mnist trained", mnist, wall_s=45, own_mb=200, rounds=1))
    return found


def main() -> int:
    """Measure and print; 1 where a target is missed."""
    measured: dict[str, list[Measured]] = {case.title: [] for case in cases()}
    for number in range(ROUNDS):
        for case in cases():
            if number < case.rounds:
                command = [sys.executable, *case.arguments]
                measured[case.title].append(run(command, dict(os.environ)))
    table = Table(title=f"{platform.platform()}, {os.cpu_count()} cores, median of {ROUNDS}")
    for column in ("command", "wall s", "x unit", "own MB", "children MB", "missed"):
        table.add_column(column, justify="left" if column == "command" else "right")
    missed = 0
    unit = before = _median(measured[cases()[0].title], "wall_s")
    for case in cases():
        wall_s, own, children = (
            _median(measured[case.title], name) for name in ("wall_s", "own_mb", "children_mb")
        )
        over = [
            f"{name} {limit:g}"
            for name, value, limit in (
                ("wall", wall_s, case.wall_s),
                ("own", own, case.own_mb),
                ("children", children, case.children_mb),
                ("above the last", wall_s - before, case.above_s),
            )
            if limit is not None and value > limit
        ]
        missed += len(over)
        before = wall_s
        ratio = f"{wall_s / unit:.1f}"
        table.add_row(
            case.title, f"{wall_s:.2f}", ratio, f"{own:.0f}", f"{children:.0f}", ", ".join(over)
        )
    Console(width=110).print(table)
    return 1 if missed else 0


def _median(runs: list[Measured], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)
