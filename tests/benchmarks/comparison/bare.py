"""The checks in one pytest process that calls the code directly: no worker, no box, no wire.

`python -m tests.benchmarks.comparison.bare TASK ...` in a staged assignment: once, to the end, or,
with `--answering`, as often as it is asked. This is the least that the very same checks can cost:
what ours costs above it is the price of keeping code apart from the grader.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.numpy import load as arrays_of
from safetensors.numpy import save as bytes_of_arrays
from safetensors.torch import load as tensors_of
from safetensors.torch import save as bytes_of_tensors

from grader.budget import Budget
from grader.channel import Arrays, Limits, Reply
from grader.errors import Raised
from grader.grading import pytest_arguments
from grader.intake.names import MODULES
from grader.outcome import Outcome
from grader.plugin import Fixtures, Recorder
from grader.rubric import load_rubric
from grader.student import Student
from grader.worker.operations import OPERATIONS, Room

from .answering import answer, own_output

ANSWERING = "--answering"
# else pytest rewrites each module that torch imports meanwhile: half a minute
AS_THEY_ARE = "--assert=plain"


class Direct:
    """In place of a channel to a worker: the worker's operations, called."""

    def __init__(self, package: Path) -> None:
        self._room = Room(package)

    def request(
        self,
        operation: str,
        arguments: dict[str, Any],
        arrays: Arrays,
        limits: Limits,
        what: str,
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> Reply:
        """Carry out one operation; nothing is watched or limited."""
        tensors = tensors_of(bytes_of_arrays(arrays)) if arrays else {}
        report = on_event or (lambda _: None)
        try:
            value, found = OPERATIONS[operation](self._room, arguments, tensors, report)
        except Exception as error:
            raise Raised(f"{what}: {type(error).__name__}: {error}") from None
        return Reply(value, arrays_of(bytes_of_tensors(found)) if found else {})

    def cpu_s(self) -> float:
        """Of this process."""
        return time.process_time()

    def printed(self) -> str:
        """Nothing is kept."""
        return ""


def grade_directly(package: Path, tasks: tuple[str, ...]) -> float:
    """Run the checks of these tasks once, in this process.

    Args:
        package: The folder of the modules; its parent is on Python's path.
        tasks: Their ids.

    Returns:
        Seconds.

    Raises:
        SystemExit: A check was lost: then less was done than elsewhere.
    """
    started = time.perf_counter()
    rubric = load_rubric()
    student = Student(
        Direct(package),  # type: ignore[arg-type]
        rubric.limits,
        Budget(rubric.waiting["check_s"], rubric.waiting["all_s"]),
        frozenset(MODULES),
    )
    recorder = Recorder(rubric, tasks, frozenset(), lambda *_: None, 0)
    plugins = [Fixtures(student, 0, _no_accuracy), recorder]
    pytest.main([*pytest_arguments(tasks), AS_THEY_ARE], plugins=plugins)
    checks = [check for task in recorder.tasks() if task.id in tasks for check in task.checks]
    if lost := [check for check in checks if check.status != "passed"]:
        raise SystemExit(f"{lost[0].id}: {lost[0].status}: {lost[0].message}")
    return time.perf_counter() - started


def _no_accuracy() -> Outcome:
    raise AssertionError("accuracy is no check of code")


def main(arguments: list[str]) -> None:
    """Once, or as often as asked."""
    answers = own_output()
    torch.set_num_threads(1)  # as in a worker
    tasks = tuple(argument for argument in arguments if argument != ANSWERING)
    package = Path.cwd() / "assignment"
    if ANSWERING in arguments:
        grade_directly(package, tasks)  # imports are not counted again
        answer(lambda: grade_directly(package, tasks), sys.stdin, answers)
    else:
        print(grade_directly(package, tasks), file=answers)


if __name__ == "__main__":
    main(sys.argv[1:])
