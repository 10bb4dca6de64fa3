"""PrairieLearn's `results.json`: a share of the points, and the checks; at most 1 MB."""

from __future__ import annotations

from typing import Any

from .checks import fault, feedback, is_final
from .escape import dump_json, plain_line

LARGEST = 1_000_000  # bytes


def render(record: dict[str, Any]) -> str:
    """The file; a record that is no grade is not gradable, and costs the student no attempt."""
    if not is_final(record):
        return dump_json({"gradable": False, "message": fault(record)})
    tests = [
        {
            "name": plain_line(check["title"]),
            "description": plain_line(task["title"]),
            "points": check["score"],
            "max_points": check["max_score"],
            "message": check["status"].replace("_", " "),
            "output": feedback(check),
        }
        for task in record["tasks"]
        for check in task["checks"]
    ]
    made = {
        "gradable": True,
        "score": record["score"] / record["max_score"] if record["max_score"] else 0.0,
        "message": "\n".join(map(plain_line, record.get("notes", [])[:20])),
        "tests": tests,
    }
    text = dump_json(made)
    if len(text.encode()) > LARGEST:
        without = [{**test, "output": ""} for test in tests]
        text = dump_json({**made, "message": "(too long to show)", "tests": without})
    return text
