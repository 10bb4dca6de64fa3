"""Autolab: the last line of the output holds the score of each problem, here of each task.

The scoreboard, which the whole class sees at once, is left out on hidden data: whoever hands in
again and again could climb it.
"""

from __future__ import annotations

from typing import Any

from .checks import fault, is_final
from .escape import dump_json, plain_line
from .student_copy import for_student


def render(record: dict[str, Any]) -> str:
    """The line. Of a record that is no grade a sentence instead, from which Autolab takes none."""
    if not is_final(record):
        return plain_line(fault(for_student(record))).replace("##[", "## [") + "\n"
    scores = {task["id"]: task["score"] for task in record["tasks"]}
    board = {} if record["tier"] == "hidden" else {"scoreboard": [record["score"]]}
    return dump_json({"scores": scores, **board})
