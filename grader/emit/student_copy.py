"""What of a record its student may read."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..record import Record, TaskResult

FAULT = "the grader itself failed; this is not your fault, and costs no points"
# These tell of the machine that graded: its folders, and why its sandbox is no better.
OF_THE_MACHINE = ("data: ", "sandbox: ")
PUBLIC_ENVIRONMENT = ("python", "versions")


def for_student(record: dict[str, Any]) -> dict[str, Any]:
    """The record without what only the instructor may see; the one that is passed stays as it is.

    Flags, memorisation, notes on the grading machine and what its environment is go from every
    record; from one that was graded on hidden data go all accuracies too, the reference's beside
    them, and what the grader says of its own faults, which may quote the data. Points, statuses,
    messages and hints stay: of hidden data they hold no figure and no name.
    """
    shown = copy.deepcopy(record)
    shown["flags"], shown["memorisation"] = [], None
    shown["notes"] = [n for n in record.get("notes", []) if not n.startswith(OF_THE_MACHINE)]
    environment = record.get("environment", {})
    shown["environment"] = {k: environment[k] for k in PUBLIC_ENVIRONMENT if k in environment}
    if record["tier"] == "hidden":
        shown["metrics"] = shown["reference"] = None
        for task in shown["tasks"]:
            for check in task["checks"]:
                if check["status"] == "grader_error":
                    check["message"] = FAULT
    return shown


def student_record(record: Record) -> Record:
    """The same of a record that is not JSON yet."""
    is_hidden = record.tier == "hidden"
    return dataclasses.replace(
        record,
        flags=(),
        memorisation=None,
        notes=tuple(note for note in record.notes if not note.startswith(OF_THE_MACHINE)),
        environment={k: v for k, v in record.environment.items() if k in PUBLIC_ENVIRONMENT},
        metrics=None if is_hidden else record.metrics,
        reference=None if is_hidden else record.reference,
        tasks=tuple(map(_without_faults, record.tasks)) if is_hidden else record.tasks,
    )


def _without_faults(task: TaskResult) -> TaskResult:
    checks = (
        dataclasses.replace(check, message=FAULT) if check.status == "grader_error" else check
        for check in task.checks
    )
    return dataclasses.replace(task, checks=tuple(checks))
