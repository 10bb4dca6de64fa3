"""Our grader's turns: a batch, and a process a submission."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.gradebook import Gradebook

from .handed_in import Submission
from .heat import Command, Heat, Lost

EACH_S = 300.0


def batch(
    submissions: Sequence[Submission], folder: Path, jobs: int, options: Sequence[str] = ()
) -> Heat:
    """`python -m grader batch` on the folder that holds exactly these submissions.

    Args:
        submissions: Who.
        folder: Exists; the gradebook goes there.
        jobs: How many at a time.
        options: More options of the command.
    """
    book = folder / "grades.sqlite"
    (source,) = {submission.folder.parent for submission in submissions}
    arguments = [
        sys.executable, "-m", "grader", "batch", str(source), "--gradebook", str(book),
        "--jobs", str(jobs), "--data", "digits", *options,
    ]  # fmt: skip

    def lost() -> Lost:
        with Gradebook(book, create=False) as gradebook:
            return {grade.student: _lost(grade.record) for grade in gradebook.current()}

    command = Command(arguments, folder, {}, EACH_S * len(submissions))
    return Heat(f"python -m grader batch --jobs {jobs}", [command], lost)


def cold(submissions: Sequence[Submission], folder: Path, jobs: int) -> Heat:
    """`python -m grader grade`, a process for each."""
    records = {each.student: folder / f"{each.student}.json" for each in submissions}
    commands = [
        Command(
            [
                sys.executable, "-m", "grader", "grade", str(each.folder), "--data", "digits",
                "--json", str(records[each.student]),
            ],
            folder,
            {},
            EACH_S,
        )
        for each in submissions
    ]  # fmt: skip

    def lost() -> Lost:
        return {student: _lost(json.loads(path.read_bytes())) for student, path in records.items()}

    return Heat(f"python -m grader grade, {jobs} at a time", commands, lost)


def _lost(record: dict[str, Any]) -> frozenset[str]:
    """Ids of the checks that did not pass.

    Raises:
        GraderError: the grader did not come to an end, so there is nothing to compare.
    """
    if record["status"] != "graded":
        raise GraderError(f"{record['submission']['name']}: {record['status']}")
    checks = [check for task in record["tasks"] for check in task["checks"]]
    return frozenset(check["id"] for check in checks if check["status"] != "passed")
