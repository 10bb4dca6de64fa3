"""A record that was saved with `--json`."""

from __future__ import annotations

import json
import math
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
    "status": str, "sandbox": str, "tasks": list, "started_at": str, "duration_s": float,
    "environment": dict, "flags": list, "notes": list, "not_run": list,
}  # fmt: skip
METRICS = ("known_accuracy", "unknown_accuracy", "total_accuracy", "closed_set_accuracy", "auroc")


def read_record(path: Path) -> dict[str, Any]:
    """Read a record and see that it is whole and adds up: a total by hand would be passed on.

    Raises:
        UsageError: it cannot be read, or is no such record.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: it is no JSON; name a file that grade --json wrote") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise UsageError(f"{path}: it is no record of schema {SCHEMA}; grade --json writes one")
    if problem := _problem(record):
        raise UsageError(f"{path}: {problem}; grade again, with --json")
    return record


def _problem(record: dict[str, Any]) -> str:
    """What is wrong with a record of the right schema; "" where nothing is."""
    if found := _wrong_field(record, RECORD, "the record"):
        return found
    name = record["submission"].get("name")
    if not isinstance(name, str) or record["tier"] not in ("public", "hidden"):
        return "its submission or tier is no such thing"
    if not all(
        isinstance(line, str) for key in ("notes", "flags", "not_run") for line in record[key]
    ):
        return "its notes are no texts"
    for task in record["tasks"]:
        if found := _wrong_field(task, TASK, "a task"):
            return found
        for check in task["checks"]:
            if found := _wrong_field(check, CHECK, "a check"):
                return found
            if not 0 <= check["score"] <= check["max_score"] or check["status"] not in STATUSES:
                return f"its check {check['id']!r} has no such score or status"
            if check["visibility"] not in ("visible", "hidden"):
                return f"its check {check['id']!r} has no such visibility"
        if not _adds_up(task, task["checks"]):
            return f"its task {task['id']!r} does not add up"
    if not _adds_up(record, record["tasks"]):
        return "it does not add up"
    return _problem_of_metrics(record.get("metrics"))


def _problem_of_metrics(metrics: Any) -> str:
    if metrics is None:
        return ""
    if not isinstance(metrics, dict) or not isinstance(metrics.get("per_family"), dict):
        return "its metrics are no metrics"
    figures = [*(metrics.get(name) for name in METRICS), *metrics["per_family"].values()]
    if all(figure is None or isinstance(figure, int | float) for figure in figures):
        return ""
    return "its metrics are no numbers"


def _wrong_field(found: Any, wanted: dict[str, type], what: str) -> str:
    if not isinstance(found, dict):
        return f"{what} is no table"
    for key, kind in wanted.items():
        allowed = (int, float) if kind is float else (kind,)
        value = found.get(key)
        if not isinstance(value, allowed) or isinstance(value, bool):
            return f"{what} has no {key!r}, or one of another type"
    return ""


def _adds_up(whole: dict[str, Any], parts: list[dict[str, Any]]) -> bool:
    return all(
        math.isclose(whole[key], sum(part[key] for part in parts), abs_tol=0.006)
        for key in ("score", "max_score")
    )


def _refuse(name: str) -> float:
    raise ValueError(name)
