"""Records of submissions that no checks were run on, and of work that is graded already."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..file_notes import file_notes, is_file_note
from ..plan import choose_tasks
from ..record import SCHEMA
from ..rubric import Rubric
from ..submission import Submission
from .settings import Settings

NO_SANDBOX = "none"
UNUSABLE = "unusable"


def utc_now() -> str:
    """The time, UTC, ISO 8601, to the second."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


def blank_record(
    name: str,
    sha256: str,
    status: str,
    reason: str,
    settings: Settings,
    rubric: Rubric,
    clock: Callable[[], str] = utc_now,
) -> dict[str, Any]:
    """A record without points, of schema osr-grade/1, in which every check says why.

    Args:
        name: of the submission.
        sha256: of it, or of the reason where it could not be read.
        status: "unusable", the submission's fault, or "grader_error", ours.
        reason: one line.
        settings: of the batch.
        rubric: whose checks were not run.
        clock: tells the time.
    """
    chosen = choose_tasks(settings.plan(""), rubric)
    check_status = "skipped" if status == UNUSABLE else "grader_error"
    tasks = [
        {
            "id": task.id,
            "title": task.title,
            "score": 0.0,
            "max_score": sum(entry.points for entry in task.checks),
            "checks": [
                {
                    "id": entry.id,
                    "title": entry.title,
                    "status": check_status,
                    "score": 0.0,
                    "max_score": entry.points,
                    "message": reason,
                    "hint": "",
                    "duration_s": 0.0,
                    "visibility": "visible",
                }
                for entry in task.checks
            ],
        }
        for task in rubric.tasks
        if task.id in chosen
    ]
    return {
        "schema": SCHEMA,
        "submission": {"name": name, "sha256": sha256},
        "data": settings.data,
        "tier": "hidden" if settings.hidden else "public",
        "score": 0.0,
        "max_score": sum(
            entry.points for t in rubric.tasks if t.id in chosen for entry in t.checks
        ),
        "status": status,
        "sandbox": NO_SANDBOX,
        "tasks": tasks,
        "metrics": None,
        "memorisation": None,
        "flags": [],
        "training": None,
        "reference": None,
        "environment": {},
        "notes": [reason],
        "not_run": [
            *(task.id for task in rubric.tasks if task.id not in chosen),
            *(() if settings.hidden else ("hidden test data",)),
        ],
        "started_at": clock(),
        "duration_s": 0.0,
    }


@dataclass(frozen=True)
class Own:
    """What a record says of the hand-in and not of the work: its name, and files not taken."""

    name: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, submission: Submission) -> Own:
        """A submission's own."""
        return cls(submission.name, file_notes(submission))


def of_another(record: dict[str, Any], own: Own) -> dict[str, Any]:
    """The record of identical work, as this hand-in's: nobody reads of another's other files."""
    notes = [note for note in record["notes"] if not is_file_note(note)]
    return record | {
        "submission": record["submission"] | {"name": own.name},
        "notes": [*notes, *own.notes],
    }


def same_tasks(record: dict[str, Any], settings: Settings, rubric: Rubric) -> bool:
    """Whether a record is of the very tasks that a batch grades."""
    chosen = choose_tasks(settings.plan(""), rubric)
    return tuple(task["id"] for task in record["tasks"]) == chosen
