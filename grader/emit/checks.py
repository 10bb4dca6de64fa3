"""What every format needs of a record."""

from __future__ import annotations

from typing import Any

from .escape import plain
from .student_copy import FAULT


def all_checks(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks of all tasks, in the rubric's order."""
    return [check for task in record["tasks"] for check in task["checks"]]


def is_final(record: dict[str, Any]) -> bool:
    """Whether the record is a grade; else it is a fault of the grader's, and no mark at all."""
    return bool(record["status"] == "graded")


def fault(record: dict[str, Any]) -> str:
    """One sentence on a record that is no grade."""
    broken = next((c for c in all_checks(record) if c["status"] == "grader_error"), None)
    where = f" ({broken['id']}: {plain(broken['message'])})" if broken else ""
    if broken and broken["message"] == FAULT:
        where = f" ({broken['id']})"
    return f"The grader itself failed{where}. This is not your fault and no mark; it is run again."


def feedback(check: dict[str, Any]) -> str:
    """What a student reads of a check: message, then hints; "" where there is nothing to say."""
    hints = [f"hint: {line}" for line in check["hint"].splitlines()]
    return plain("\n".join(part for part in (check["message"], *hints) if part))
