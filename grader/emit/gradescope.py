"""Gradescope's `results.json`.

Checks on hidden data are `after_published`: students see them, and with them their total, once the
instructor publishes the grades. Until then nobody learns about hidden images by handing in again
and watching the total. `hidden` would be wrong, since it is for tests that carry no points.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import UsageError
from .checks import fault, feedback, is_final
from .escape import dump_json, plain, plain_line
from .student_copy import for_student

NOT_RUN = "not run yet"
VISIBILITY = {"visible": "visible", "hidden": "after_published"}
# For the instructor alone: Gradescope stores it and shows it to no student.
INSTRUCTORS = (
    "submission", "data", "tier", "sandbox", "metrics", "memorisation", "flags", "notes",
    "environment",
)  # fmt: skip
BOARD = {
    "known_accuracy": "known accuracy",
    "unknown_accuracy": "unknown accuracy",
    "auroc": "AUROC",
}


def render(record: dict[str, Any], leaderboard: bool = False) -> str:
    """The file of a finished grading.

    Raises:
        UsageError: a leaderboard is asked for of hidden data.
    """
    if not is_final(record):
        return failure(fault(for_student(record)))
    if leaderboard and record["tier"] == "hidden":
        raise UsageError("a leaderboard would show every student figures of the hidden data")
    shown = for_student(record)
    made: dict[str, Any] = {
        "execution_time": record["duration_s"],
        "output": _summary(shown),
        "output_format": "text",
        "test_output_format": "text",
        "stdout_visibility": "hidden",
        "extra_data": {key: record[key] for key in INSTRUCTORS if key in record},
        "tests": _tests(shown["tasks"]),
    }
    if leaderboard and record.get("metrics"):
        made["leaderboard"] = [
            {"name": title, "value": round(100 * record["metrics"][key], 2), "order": "desc"}
            for key, title in BOARD.items()
            if record["metrics"][key] is not None
        ]
    return dump_json(made, indent=1)


def unfinished(tasks: Iterable[dict[str, Any]], why: str) -> str:
    """The file while checks still run; the ones to come have the status `not_run`.

    Args:
        tasks: as a record has them.
        why: what to say above them.
    """
    made = {
        "output": why,
        "output_format": "text",
        "test_output_format": "text",
        "stdout_visibility": "hidden",
        "tests": _tests(tasks),
    }
    return dump_json(made, indent=1)


def failure(why: str) -> str:
    """The file of a grading that is no grade: without any score, so that no zero comes of it."""
    return dump_json({"output": plain(why), "output_format": "text", "stdout_visibility": "hidden"})


def refusal(why: str, max_score: float) -> str:
    """The file of a submission that cannot be read: no points, and what to do about it."""
    test = {
        "name": "The submission can be read", "number": "0", "score": 0, "max_score": max_score,
        "status": "failed", "output": plain(why), "output_format": "text", "visibility": "visible",
    }  # fmt: skip
    return dump_json({"output": plain(why), "output_format": "text", "tests": [test]})


def _tests(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": plain_line(f"{task['title']}: {check['title']}"),
            "number": f"{i}.{j}",
            "score": check["score"],
            "max_score": check["max_score"],
            "status": "passed" if check["status"] == "passed" else "failed",
            "output": _output(check),
            "output_format": "text",
            "visibility": VISIBILITY[check["visibility"]],
            "tags": [task["id"]],
        }
        for i, task in enumerate(tasks, 1)
        for j, check in enumerate(task["checks"], 1)
    ]


def _output(check: dict[str, Any]) -> str:
    if check["status"] == "not_run":
        return NOT_RUN
    words = "" if check["status"] in ("passed", "failed") else check["status"].replace("_", " ")
    return "\n".join(part for part in (words, feedback(check)) if part)


def _summary(record: dict[str, Any]) -> str:
    lines = list(map(plain_line, record.get("notes", [])))
    if record["tier"] == "hidden":
        lines.append("Accuracy was measured on hidden data; its points show with the grades.")
    else:
        lines.append("Accuracy was measured on the public test images.")
    return "\n".join(lines)
