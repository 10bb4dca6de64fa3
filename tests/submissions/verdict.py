"""All attacks together: one table, for people and as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tests.submissions.siege import Row

SCHEMA = "osr-hostile/1"
COLUMNS = ("attack", "aim", "honest", "score", "s", "verdict", "faults")
STYLES = {"held": "", "known": "yellow", "NOT HELD": "bold red"}


@dataclass(frozen=True)
class Verdict:
    """What a level of the sandbox made of the attacks.

    Attributes:
        level: "bwrap" or "plain".
        rows: one an attack, by aim and name.
        aftermath: how the reference's grade afterwards differs from before.
    """

    level: str
    rows: tuple[Row, ...]
    aftermath: tuple[str, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether the grader held what it has to."""
        return not self.aftermath and not any(row.is_fault for row in self.rows)

    def lines(self) -> list[str]:
        """The sum of it, then each thing that is wrong."""
        counts = {word: sum(row.verdict == word for row in self.rows) for word in STYLES}
        known = f", {counts['known']} known not to be" if self.level == "plain" else ""
        lines = [
            f"{len(self.rows)} attacks at the level {self.level}: {counts['held']} held{known}, "
            f"{counts['NOT HELD']} NOT HELD"
        ]
        lines += [
            f"{row.name}: {fault}" for row in self.rows if row.is_fault for fault in row.faults
        ]
        return [*lines, *(f"the reference afterwards: {line}" for line in self.aftermath)]

    def to_json(self, machine: dict[str, Any]) -> dict[str, Any]:
        """All of it as data."""
        return {
            "schema": SCHEMA,
            "level": self.level,
            "machine": machine,
            "is_held": self.is_held,
            "aftermath": list(self.aftermath),
            "rows": [asdict(row) | {"verdict": row.verdict} for row in self.rows],
        }


def build_verdict(level: str, rows: Iterable[Row], aftermath: tuple[str, ...] = ()) -> Verdict:
    """Put rows that came in any order into theirs."""
    return Verdict(level, tuple(sorted(rows, key=lambda row: (row.aim, row.name))), aftermath)


def on_console(verdict: Verdict) -> RenderableType:
    """The table, then what is wrong."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        is_number = name in ("honest", "score", "s")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=name != "faults")
    for row in verdict.rows:
        table.add_row(*_cells(row), style=STYLES[row.verdict])
    return Group(table, Text(), *(Text(line) for line in verdict.lines()))


def as_markdown(verdict: Verdict) -> str:
    """The same as a Markdown document."""
    rows = [list(COLUMNS), ["---"] * len(COLUMNS)]
    rows += [[cell.replace("|", "\\|") for cell in _cells(row)] for row in verdict.rows]
    return "\n".join(
        [
            "# Attacks on the grader\n",
            *(f"- {line}" for line in verdict.lines()),
            "",
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
        ]
    )


def _cells(row: Row) -> list[str]:
    """One a column; of what is known not to be held, the reason stands for the faults."""
    reason = row.unheld if row.verdict == "known" else "; ".join(row.faults)[:200]
    score = f"{row.score:g}" if row.outcome == "graded" else row.outcome
    return [
        row.name,
        row.aim,
        f"{row.honest:g}",
        score,
        f"{row.duration_s:.0f}",
        row.verdict,
        reason,
    ]
