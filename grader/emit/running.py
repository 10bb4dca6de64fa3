"""Gradescope's file while checks run: a time limit of the platform's then shows what was done."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets.errors import DataError
from datasets.files import write_whole

from . import gradescope

if TYPE_CHECKING:
    from ..plan import Plan
    from ..record import CheckResult

WHY = (
    "The grading has not ended: what was not run yet stands here with 0 points. If you see this, "
    "the time for all checks was up; look for the slow one, the first that is not run."
)


class RunningFile:
    """The file, written whole after each check.

    Nothing that goes wrong here stops the grading: the finished file is what counts, and whoever
    writes that one reports it.

    Args:
        path: the file.
        plan: what is graded.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self._path = path
        self._plan = plan
        self._results: dict[str, CheckResult] = {}
        self._begun = False

    def begin(self) -> None:
        """Write the file with every check still to come; later calls do nothing."""
        if not self._begun:
            self._write(gradescope.unfinished(self._tasks(), WHY))

    def add(self, result: CheckResult) -> None:
        """Write the file with one more check."""
        self._results[result.id] = result
        self._write(gradescope.unfinished(self._tasks(), WHY))

    def fail(self, why: str) -> None:
        """Replace the file, where there is one, by that of a grading that is no grade."""
        detail = "" if self._plan.hidden else f" ({why})"  # it may quote the bundle
        if self._begun:
            self._write(gradescope.failure(f"The grader itself failed{detail}: this is no mark."))

    def _tasks(self) -> list[dict[str, Any]]:
        """The chosen tasks as a record has them; a check to come has the status `not_run`."""
        from ..rubric import load_rubric

        hidden = {"accuracy"} if self._plan.hidden else set()
        made = []
        for task in load_rubric().tasks:
            if self._plan.tasks and task.id not in self._plan.tasks:
                continue
            visibility = "hidden" if task.id in hidden else "visible"
            waiting = {
                "status": "not_run", "score": 0, "message": "", "hint": "", "duration_s": 0.0,
                "visibility": visibility,
            }  # fmt: skip
            checks = [
                asdict(self._results[entry.id])
                if entry.id in self._results
                else {"id": entry.id, "title": entry.title, "max_score": entry.points, **waiting}
                for entry in task.checks
            ]
            made.append({"id": task.id, "title": task.title, "checks": checks})
        return made

    def _write(self, text: str) -> None:
        self._begun = True
        with contextlib.suppress(DataError):
            write_whole(self._path, lambda file: file.write(text.encode()))
