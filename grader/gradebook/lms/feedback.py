"""A short text for the student beside the mark."""

from __future__ import annotations

from ...text import one_line
from ..grade import Grade

MARK = "Points by task:"  # by which a text of ours is known again


def feedback(grade: Grade) -> str:
    """The points by task in one line; what was measured on hidden data stays without a figure."""
    parts = [f"{MARK} {'; '.join(_task(task) for task in grade.record.get('tasks', ()))}."]
    if grade.adjustment is not None:
        parts.append(
            f"{grade.adjustment.points:+g} points by the instructor."
            if grade.adjustment.relative
            else "The mark was set by the instructor."
        )
    return " ".join(parts)


def _task(task: dict[str, object]) -> str:
    title = one_line(str(task["title"]))
    checks = task["checks"]
    assert isinstance(checks, list)
    if any(check.get("visibility") == "hidden" for check in checks):
        return f"{title} on hidden data"
    return f"{title} {task['score']:g}/{task['max_score']:g}"
