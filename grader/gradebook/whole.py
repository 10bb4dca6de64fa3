"""Whether a record has what every reader of the gradebook takes for granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT, NUMBER, LIST, TABLE = (str,), (int, float), (list,), (dict,)
TABLE_OR_NONE = (dict, type(None))
RECORD: dict[str, tuple[type, ...]] = {
    "submission": TABLE, "data": TEXT, "tier": TEXT, "score": NUMBER, "max_score": NUMBER,
    "status": TEXT, "sandbox": TEXT, "tasks": LIST, "metrics": TABLE_OR_NONE,
    "training": TABLE_OR_NONE, "reference": TABLE_OR_NONE, "not_run": LIST, "started_at": TEXT,
    "duration_s": NUMBER,
}  # fmt: skip
TASK = {"id": TEXT, "title": TEXT, "score": NUMBER, "max_score": NUMBER, "checks": LIST}
CHECK = {
    "id": TEXT, "title": TEXT, "status": TEXT, "score": NUMBER, "max_score": NUMBER,
    "message": TEXT, "hint": TEXT, "visibility": TEXT,
}  # fmt: skip
SUBMISSION = {"name": TEXT, "sha256": TEXT}
NUMBER_OR_NONE = (int, float, type(None))
METRICS: dict[str, tuple[type, ...]] = {
    "known_accuracy": NUMBER, "unknown_accuracy": NUMBER, "total_accuracy": NUMBER,
    "closed_set_accuracy": NUMBER, "auroc": NUMBER_OR_NONE, "per_family": TABLE,
}  # fmt: skip


def what_lacks(record: Mapping[str, Any]) -> str:
    """What is missing in a record, or of another type, in words; "" where all is there.

    Points are not added up, and no other key is asked for: records of other versions may have more.
    """
    parts: list[tuple[str, Any, Mapping[str, tuple[type, ...]]]] = [
        ("the record", record, RECORD),
        ("its submission", record.get("submission"), SUBMISSION),
    ]
    if record.get("metrics") is not None:
        parts.append(("its metrics", record["metrics"], METRICS))
    tasks = record.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        parts.append(("a task", task, TASK))
        checks = task.get("checks") if isinstance(task, dict) else None
        parts += [("a check", one, CHECK) for one in (checks if isinstance(checks, list) else ())]
    for what, found, wanted in parts:
        if lacking := _lacking(found, wanted):
            return f"{what} has no {lacking!r}, or one of another type"
    return ""


def _lacking(found: Any, wanted: Mapping[str, tuple[type, ...]]) -> str:
    """The first key that is not there, or not as wanted; "" where all are."""
    if not isinstance(found, dict):
        return next(iter(wanted))
    return next(
        (key for key, kinds in wanted.items() if not isinstance(found.get(key, ...), kinds)), ""
    )
