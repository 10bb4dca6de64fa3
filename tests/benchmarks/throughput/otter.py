"""otter-grader's turn: `otter run`, a process for each submission, without a container."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .environment import Environment
from .handed_in import Submission
from .heat import Command, Heat, Lost
from .notebook import cells, code_cell, notebook
from .settings import settings

EACH_S = 900.0
# The file itself is run twice before its test is, so that it imports nothing of weight.
TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{id}"
points = {points}


@test_case(name="{id}")
def test(env):
    from tests.benchmarks.throughput.equivalents import CHECKS

    CHECKS["{id}"](env)
"""


def otter(
    submissions: Sequence[Submission],
    folder: Path,
    jobs: int,
    environment: Environment,
    points: Mapping[str, float],
    trial: Path,
) -> Heat:
    """Make the autograder's zip and a notebook for each.

    Args:
        submissions: The class.
        folder: Exists; what is needed and what comes out goes there.
        jobs: How many at a time.
        environment: Where otter is.
        points: Of each check, by id.
        trial: Images that accuracy is measured on.
    """
    variables = environment.variables(folder)
    program = str(environment.scripts / "otter")
    (folder / "tests").mkdir()
    for id_, worth in points.items():
        (folder / "tests" / f"{id_.replace('.', '__')}.py").write_text(
            TEST.format(id=id_, points=worth), encoding="utf-8"
        )
    bare = ("--no-environment", "--no-requirements", "--no-config")
    Command(
        [program, "generate", "-t", "tests", "-o", "autograder.zip", *bare],
        folder, variables, EACH_S,
    ).run()  # fmt: skip
    results: dict[str, Path] = {}
    commands = []
    for each in submissions:
        place = folder / each.student
        place.mkdir()
        sources = cells(each.folder, settings(each, trial))
        named = [code_cell(f"cell-{number}", source) for number, source in enumerate(sources)]
        (place / "work.ipynb").write_text(json.dumps(notebook(named)), encoding="utf-8")
        results[each.student] = place / "results.json"
        arguments = [program, "run", "-a", "../autograder.zip", "-o", ".", "--no-logo"]
        commands.append(Command([*arguments, "work.ipynb"], place, variables, EACH_S))

    def lost() -> Lost:
        return {
            student: _lost(json.loads(path.read_bytes()), points)
            for student, path in results.items()
        }

    return Heat(f"otter run, {jobs} at a time", commands, lost)


def _lost(results: dict[str, Any], points: Mapping[str, float]) -> frozenset[str]:
    """Ids of the checks without their points; one that is not reported has none."""
    scores = {test["name"]: test.get("score", 0) for test in results["tests"]}
    return frozenset(id_ for id_, worth in points.items() if scores.get(id_, 0) < worth)
