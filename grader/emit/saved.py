"""A record that was saved with `--json`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..record import SCHEMA, STATUSES

CHECK = {
    "id": str, "title": str, "status": str, "score": float, "max_score": float, "message": str,
    "hint": str, "duration_s": float, "visibility": str,
}  # fmt: skip
TASK = {"id": str, "title": str, "score": float, "max_score": float, "checks": list}
RECORD = {
    "submission": dict, "data": str, "tier": str, "score": float, "max_score": float,
    "status": str, "sandbox": str, "tasks": list, "environment": dict, "flags": list,
    "notes": list, "not_run": list, "started_at": str, "duration_s": float,
}  # fmt: skip
METRICS = ("known_accuracy", "unknown_accuracy", "total_accuracy", "closed_set_accuracy", "auroc")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
CHECK_ID = re.compile(r"\w+\.\w+", re.ASCII)
LARGEST = 1e12


class _Unfit(Exception):  # noqa: N818 (it says what is wrong with a record)
    """What is wrong with a record."""


def read_record(path: Path) -> dict[str, Any]:
    """Read a record and see that it is whole and adds up: a total by hand would be passed on.

    Raises:
        UsageError: it cannot be read, or is no such record.
    """
    try:
        text = path.read_text(encoding="utf-8")
        record = json.loads(text, parse_constant=_number, parse_float=_number, parse_int=_whole)
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: it is no JSON; name a file that grade --json wrote") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise UsageError(f"{path}: it is no record of schema {SCHEMA}; grade --json writes one")
    try:
        _check_record(record)
    except _Unfit as problem:
        raise UsageError(f"{path}: {problem}; grade again, with --json") from None
    return record


def _check_record(record: dict[str, Any]) -> None:
    _check_fields(record, RECORD, "the record")
    if record["status"] == "unusable":  # of a batch; no platform has a place for it
        raise _Unfit("it is of a submission that could not be opened, which has no grade")
    for key, allowed in (
        ("data", ("digits", "mnist")),
        ("tier", ("public", "hidden")),
        ("status", ("graded", "grader_error")),
    ):
        _expect(record[key] in allowed, f"its {key} is none of {' and '.join(allowed)}")
    _expect(isinstance(record["submission"].get("name"), str), "its submission has no name")
    _expect(bool(MOMENT.fullmatch(record["started_at"])), "its started_at is no moment in UTC")
    for key in ("notes", "flags", "not_run"):
        _expect(all(isinstance(line, str) for line in record[key]), f"its {key} are no texts")
    for key in ("metrics", "reference"):
        _check_figures(record.get(key), key)
    memorisation = record.get("memorisation")
    _expect(isinstance(memorisation, dict | None), "its memorisation is no table")
    for task in record["tasks"]:
        _check_task(task)
    _check_total(record, record["tasks"], "it")
    statuses = [check["status"] for task in record["tasks"] for check in task["checks"]]
    is_final = bool(statuses) and "grader_error" not in statuses
    _expect(is_final or record["status"] != "graded", "its status and its checks' disagree")


def _check_task(task: Any) -> None:
    _check_fields(task, TASK, "a task")
    for check in task["checks"]:
        _check_fields(check, CHECK, "a check")
        name = repr(check["id"])[:80]
        _expect(bool(CHECK_ID.fullmatch(check["id"])), f"its check {name} has no such id")
        _expect(check["status"] in STATUSES, f"its check {name} has no such status")
        _expect(
            0 <= check["score"] <= check["max_score"] > 0, f"its check {name} has no such score"
        )
        _expect(
            check["visibility"] in ("visible", "hidden"), f"its check {name} has no such visibility"
        )
    _check_total(task, task["checks"], f"its task {task['id']!r}")


def _check_figures(figures: Any, what: str) -> None:
    """Metrics, or nothing: fractions by name, and by family below `per_family`."""
    if figures is None:
        return
    _expect(isinstance(figures, dict), f"its {what} are no table")
    families = figures.get("per_family", {})
    _expect(isinstance(families, dict), f"its {what} have no table per_family")
    if what == "metrics":
        missing = [name for name in (*METRICS, "per_family") if name not in figures]
        _expect(not missing, f"its metrics lack {', '.join(missing)}")
    named = (figures[name] for name in METRICS if name in figures)
    for figure in (*named, *families.values()):
        _expect(figure is None or _is_number(figure), f"its {what} are no numbers")


def _check_fields(found: Any, wanted: dict[str, type], what: str) -> None:
    _expect(isinstance(found, dict), f"{what} is no table")
    for key, kind in wanted.items():
        value = found.get(key)
        fits = _is_number(value) and value >= 0 if kind is float else isinstance(value, kind)
        _expect(fits, f"{what} has no {key!r}, or one of another type")


def _check_total(whole: dict[str, Any], parts: Iterable[dict[str, Any]], what: str) -> None:
    """Check that points add up; each part is rounded to hundredths."""
    parts = list(parts)
    for key in ("score", "max_score"):
        total = math.fsum(part[key] for part in parts)
        _expect(math.isclose(whole[key], total, abs_tol=0.006), f"{what} does not add up")


def _expect(holds: bool, problem: str) -> None:
    if not holds:
        raise _Unfit(problem)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> float:
    """A number that every format can write."""
    value = float(text)
    if not abs(value) <= LARGEST:
        raise ValueError(text)
    return value


def _whole(text: str) -> int:
    _number(text)
    return int(text)
