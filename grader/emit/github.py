"""GitHub: the classroom reporter's result, annotations of the student's files, the step's summary.

In a workflow the log is a channel of commands: a line that begins with `::` (or holds `##[`) is
obeyed. So commands are stopped, under a random token, while anything from a student's side is
printed, and what annotations carry of it is encoded.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from .checks import all_checks, fault, feedback, is_final
from .escape import command_data, command_property, plain, plain_line, points

# A failure ends with the student's own line that it came from, as in `(autoencoder.py:12)`.
PLACE = re.compile(r"\(([A-Za-z_][A-Za-z0-9_]{0,99}\.py):([1-9][0-9]{0,6})\)\s*$")
MOST_ANNOTATIONS = 10  # of one kind and step; GitHub drops the others
STATUSES = {
    "passed": "pass", "partial": "fail", "failed": "fail", "not_implemented": "fail",
    "skipped": "fail",
}  # fmt: skip


def render(record: dict[str, Any], folder: str) -> str:
    """The classroom reporter's result: base64 of its JSON, in one line."""
    return base64.b64encode(json.dumps(result(record, folder)).encode()).decode() + "\n"


def result(record: dict[str, Any], folder: str) -> dict[str, Any]:
    """What the classroom reporter adds up.

    A record that is no grade is an `error` worth 0 points of 0: no zero that anyone could count.
    """
    if not is_final(record):
        broken = _test("grader", "error", 0, fault(record), "", None, 0.0)
        return {"version": 1, "status": "error", "max_score": 0, "tests": [broken]}
    tests = [
        _test(
            plain_line(check["id"]), STATUSES.get(check["status"], "error"), check["score"],
            feedback(check), *place(check, folder), check["duration_s"],
        )
        for check in all_checks(record)
    ]  # fmt: skip
    lost = any(test["status"] != "pass" for test in tests)
    status = "fail" if lost else "pass"
    return {"version": 1, "status": status, "max_score": record["max_score"], "tests": tests}


def annotate(record: dict[str, Any], folder: str) -> str:
    """Workflow commands, a line each: an error at the student's file and line for what was lost."""
    if not is_final(record):
        return f"::error title=The grader failed::{command_data(fault(record))}\n"
    alike: dict[tuple[str, int | None, str], list[dict[str, Any]]] = {}
    for check in all_checks(record):
        if check["status"] not in ("passed", "skipped"):
            alike.setdefault((*place(check, folder), check["message"]), []).append(check)
    lines = [
        _annotation(file, line, message, checks)
        for (file, line, message), checks in list(alike.items())[:MOST_ANNOTATIONS]
    ]
    score, most = points(record["score"]), points(record["max_score"])
    return "".join([*lines, f"::notice title=Score::{score} / {most}\n"])


def place(check: dict[str, Any], folder: str) -> tuple[str, int | None]:
    """The student's file, and the line where the message ends with one; "" where it is no file."""
    prefix = f"{folder.rstrip('/')}/" if folder not in ("", ".") else ""
    if found := PLACE.search(check["message"]):
        return f"{prefix}{found[1]}", int(found[2])
    task = check["id"].split(".")[0]
    return ("" if task == "accuracy" else f"{prefix}{task}.py"), None


def step_output(record: dict[str, Any], folder: str) -> str:
    """The line for `$GITHUB_OUTPUT`."""
    return f"result={render(record, folder)}"


def is_workflow(environment: Mapping[str, str]) -> bool:
    """Whether a runner reads what is printed."""
    return environment.get("GITHUB_ACTIONS") == "true"


@contextlib.contextmanager
def commands_stopped(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """In a workflow, let no line of this stream be a command meanwhile.

    Where something is raised they stay stopped, until the step ends: what is printed then may quote
    a student's file names.
    """
    if not is_workflow(environment):
        yield
        return
    token = secrets.token_hex(16)  # student code cannot guess it, and never sees the log
    print(f"::stop-commands::{token}", file=stream, flush=True)
    yield
    print(f"\n::{token}::", file=stream, flush=True)


def _annotation(file: str, line: int | None, message: str, checks: list[dict[str, Any]]) -> str:
    more = f" and {len(checks) - 1} more" if len(checks) > 1 else ""
    properties = [
        *([f"file={command_property(file)}"] if file else []),
        *([f"line={line}"] if line else []),
        f"title={command_property(checks[0]['title'] + more)}",
    ]
    text = feedback(checks[0]) or checks[0]["status"]
    return f"::error {','.join(properties)}::{command_data(text)}\n"


def _test(
    name: str, status: str, score: float, message: str, file: str, line: int | None,
    duration_s: float,
) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name,
        "status": status,
        "score": score,
        "message": plain(message),
        "test_code": f"python -m grader hint {name}" if status != "pass" else "",
        "filename": file,
        "line_no": line or 0,
        "duration": duration_s,
    }
