"""nbgrader's turn: `nbgrader autograde`, one command for many, which is its fastest way.

A gradebook of its own for each command, because two at a time lock each other out of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.intake.names import MODULES

from .environment import Environment
from .handed_in import Submission
from .heat import Command, Heat, Lost
from .notebook import cells, code_cell, notebook
from .settings import settings

EACH_S = 900.0
CELL_S = 120  # its own limit is 30, which two busy cores can reach
ASSIGNMENT = "openset"
FILE = "work.ipynb"
TEST = """\
from tests.benchmarks.throughput.equivalents import CHECKS
CHECKS["{id}"](globals())"""


def nbgrader(
    submissions: Sequence[Submission],
    folder: Path,
    jobs: int,
    environment: Environment,
    points: Mapping[str, float],
    trial: Path,
) -> Heat:
    """Make course folders with an assignment and a share of the submissions each.

    Args: as of `otter`.
    """
    variables = environment.variables(folder)
    program = str(environment.scripts / "nbgrader")
    courses = [folder / f"course-{number}" for number in range(min(jobs, len(submissions)))]
    commands, graded = [], {}
    for number, course in enumerate(courses):
        share = submissions[number :: len(courses)]
        _write(course / "source" / ASSIGNMENT, _cells(["pass"] * len(MODULES), points))
        Command([program, "generate_assignment", ASSIGNMENT], course, variables, EACH_S).run()
        for each in share:
            sources = cells(each.folder, settings(each, trial))
            _write(course / "submitted" / each.student / ASSIGNMENT, _cells(sources, points))
            graded[each.student] = course / "autograded" / each.student / ASSIGNMENT / FILE
        arguments = [program, "autograde", ASSIGNMENT, f"--Execute.timeout={CELL_S}"]
        commands.append(Command(arguments, course, variables, EACH_S * len(share)))

    def lost() -> Lost:
        return {
            student: _lost(json.loads(path.read_bytes()), points)
            for student, path in graded.items()
        }

    how = f"nbgrader autograde, {len(commands)} commands at a time, each for its share"
    return Heat(how, commands, lost)


def _cells(sources: Sequence[str], points: Mapping[str, float]) -> list[dict[str, Any]]:
    """The student's cells, the last of them with the settings if there are any, then the checks."""
    made = []
    for number, source in enumerate(sources):
        name = MODULES[number] if number < len(MODULES) else "settings"
        is_work = number < len(MODULES)
        made.append(code_cell(name, source, _metadata(name, solution=True) if is_work else None))
    for id_, worth in points.items():
        name = id_.replace(".", "-")
        metadata = _metadata(name, grade=True, locked=True, points=worth)
        made.append(code_cell(name, TEST.format(id=id_), metadata))
    return made


def _metadata(name: str, **flags: Any) -> dict[str, Any]:
    return {
        "nbgrader": {
            "schema_version": 3,
            "grade_id": name,
            "cell_type": "code",
            **dict.fromkeys(("grade", "solution", "locked", "task"), False),
            **flags,
        }
    }


def _write(folder: Path, made: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True)
    (folder / FILE).write_text(json.dumps(notebook(made)), encoding="utf-8")


def _lost(graded: dict[str, Any], points: Mapping[str, float]) -> frozenset[str]:
    """Ids of the checks whose cell ended in an error, or did not run."""
    passed = set()
    for cell in graded["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        has_run = cell.get("execution_count") is not None
        if has_run and all(output["output_type"] != "error" for output in cell["outputs"]):
            passed.add(name.replace("-", ".", 1))
    return frozenset(points) - passed
