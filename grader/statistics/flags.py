"""What an instructor should look at, student by student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..intake.names import NOTEBOOK
from ..record import Memorisation
from ..submission import ARCHIVES
from .rows import Row

# The order in which they are listed.
KINDS = ("grader error", "unusable", "memorisation", "identical", "similarity", "grading")
Similar = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Flag:
    """One thing to look at.

    Attributes:
        student: the id.
        name: to show; "" where unknown.
        kind: one of `KINDS`.
        text: a sentence or two.
    """

    student: str
    name: str
    kind: str
    text: str


def collect_flags(rows: Sequence[Row], similar: Similar | None = None) -> list[Flag]:
    """Everything to look at in a class, by kind and then by student.

    Args:
        rows: the class.
        similar: what a report of similarity says, by the submissions' names.
    """
    flags = [
        Flag(row.student, row.name, kind, text)
        for row in rows
        for kind, text in [*_of_record(row.record), *_similar(row, similar or {})]
    ]
    flags += _identical(rows)
    return sorted(flags, key=lambda flag: (KINDS.index(flag.kind), flag.student))


def _of_record(record: dict[str, Any]) -> list[tuple[str, str]]:
    if record["status"] != "graded":
        kind = "unusable" if record["status"] == "unusable" else "grader error"
        return [(kind, _reason(record))]
    memorised = record.get("memorisation")
    suspicion = Memorisation(**memorised).flag if memorised else ""
    return [
        ("memorisation" if flag == suspicion else "grading", str(flag))
        for flag in record.get("flags", ())
    ]


def _reason(record: dict[str, Any]) -> str:
    checks = [check for task in record["tasks"] for check in task["checks"]]
    broken = next((check for check in checks if check["status"] == "grader_error"), None)
    if broken:
        return f"{broken['id']}: {broken['message']}"
    return str(checks[0]["message"]) if checks else "no check was run"


def _similar(row: Row, similar: Similar) -> list[tuple[str, str]]:
    """The report may call a submission by its file's name or by its student's."""
    names = dict.fromkeys((row.source, row.student, without_suffix(row.source)))
    return [("similarity", text) for name in names if name for text in similar.get(name, ())]


def without_suffix(name: str) -> str:
    """An archive's or notebook's name without what says so; any other name as it is."""
    ends = [end for end in (*ARCHIVES, NOTEBOOK) if name.lower().endswith(end)]
    return name[: -len(max(ends, key=len))] if ends else name


def _identical(rows: Sequence[Row]) -> list[Flag]:
    """Who handed in the very same files as another; untouched stubs, worth nothing, are no news."""
    same: dict[str, list[Row]] = {}
    for row in rows:
        if row.is_graded and row.record["score"] > 0:
            same.setdefault(row.record["submission"]["sha256"], []).append(row)
    return [
        Flag(row.student, row.name, "identical", f"the same files as {_others(row, group)}")
        for group in same.values()
        if len(group) > 1
        for row in group
    ]


def _others(row: Row, group: list[Row]) -> str:
    others = [other.student for other in group if other is not row]
    return ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
