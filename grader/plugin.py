"""What the checks are handed as fixtures, and what becomes of pytest's outcomes.

Every check starts as "not run", which is a fault of the grader's; only its own report changes
that. Nothing is read from exit codes or from what was printed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from .errors import GraderError, Mismatch, StudentFailure, Unusable
from .outcome import Outcome
from .record import CheckResult, TaskResult
from .rubric import CheckEntry, Rubric
from .strokes import draw_strokes
from .student import Student
from .text import printable

IMAGES = 12
MAX_MESSAGE = 600


@dataclass
class Award:
    """Partial credit: a check calls it with the share of its points and a message."""

    fraction: float = 1.0
    message: str = ""
    explained: bool = False

    def __call__(self, fraction: float, message: str, explained: bool = False) -> None:
        """Set what the check earns.

        Args:
            fraction: the share of its points, in [0, 1].
            message: for the student.
            explained: whether it names the mistake; else the rubric's likely cause is added.
        """
        if not 0.0 <= fraction <= 1.0:
            raise GraderError(f"a check awarded {fraction} of its points")
        self.fraction, self.message, self.explained = fraction, message, explained


@dataclass(frozen=True)
class Verdict:
    """What became of a check: its status, the share of its points, and what to say.

    `hinted`: whether the check's hints are of use for it.
    """

    status: str
    fraction: float
    message: str
    explained: bool = True
    hinted: bool = True


class Fixtures:
    """The fixtures of one grading."""

    def __init__(self, student: Student, seed: int, outcome: Callable[[], Outcome]) -> None:
        self._student = student
        self._seed = seed
        self._outcome = outcome

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Student:
        """The student's code, with nothing constructed yet."""
        self._student.begin(check_seed(self._seed, check_id(request.node)))
        return self._student

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random numbers that are this check's own: no check disturbs another's."""
        return np.random.default_rng(check_seed(self._seed, check_id(request.node)))

    @pytest.fixture
    def images(self, rng: np.random.Generator) -> np.ndarray:
        """Drawn strokes, (12, 1, 28, 28) float32 in [-1, 1]."""
        return draw_strokes(rng, IMAGES)

    @pytest.fixture(scope="session")
    def outcome(self) -> Outcome:
        """The student's model on known and unknown images."""
        return self._outcome()

    @pytest.fixture
    def award(self, request: pytest.FixtureRequest) -> Award:
        """How a check gives a part of its points."""
        given = Award()
        request.node.stash[AWARD] = given
        return given


class Recorder:
    """Turns pytest's reports into results, and skips what lacks its prerequisites."""

    def __init__(
        self,
        rubric: Rubric,
        chosen: tuple[str, ...],
        hidden: frozenset[str],
        on_result: Callable[[CheckResult, int, int], None],
        hints: int = 1,
    ) -> None:
        self._rubric = rubric
        self._chosen = chosen
        self._hidden = hidden
        self._on_result = on_result
        self._results: dict[str, CheckResult] = {}
        self._hints = hints
        self._fault = ""
        self.interrupted = False

    def tasks(self) -> tuple[TaskResult, ...]:
        """Results of the chosen tasks; a check without a report is a grader's error."""
        return tuple(
            TaskResult(
                task.id,
                task.title,
                tuple(self._results.get(entry.id) or self._not_run(entry) for entry in task.checks),
            )
            for task in self._rubric.tasks
            if task.id in self._chosen
        )

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the checks in the rubric's order; both must hold the same ones."""
        found = {check_id(item): item for item in items}
        wanted = [entry.id for entry in self._entries()]
        if strays := set(found) ^ set(wanted):
            raise GraderError(f"checks and rubric disagree about {', '.join(sorted(strays))}")
        items[:] = [found[name] for name in wanted]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        """Note what happened in a check's setup or call; a broken teardown is a grader's error."""
        report = yield
        spent = item.stash[SPENT] = item.stash.get(SPENT, 0.0) + call.duration
        if call.when == "call" or call.excinfo is not None:
            self._note(item, call, spent)
        return report

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a check of a task whose prerequisites all went wrong."""
        task = self._rubric.task(check_id(item).split(".")[0])
        if missing := [needed for needed in task.needs if self._is_lost(needed)]:
            titles = " and ".join(repr(self._rubric.task(needed).title) for needed in missing)
            pytest.skip(f"needs {titles} first: none of its checks passed")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file of checks that cannot be collected is the grader's fault."""
        if report.failed:
            text = str(report.longrepr).strip()
            name = Path(report.fspath).name
            lines = re.findall(rf'{re.escape(name)}(?::|", line )(\d+)', text)
            reason = text.splitlines()[-1].removeprefix("E").strip()
            self.blame(f"{':'.join([f'checks/{name}', *lines[-1:]])}: {reason}")

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep what pytest would print."""
        self.blame(f"{type(excinfo.value).__name__}: {_first_line(excinfo.value)}")
        return True

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tell a signal, which pytest swallows, from a check that called `pytest.exit`."""
        self.interrupted = isinstance(excinfo.value, KeyboardInterrupt)

    def blame(self, fault: str) -> None:
        """Say why checks were not run; the first fault is the one that others follow from."""
        self._fault = self._fault or fault

    def _is_lost(self, task_id: str) -> bool:
        """Whether a task ran and no check of it passed."""
        results = [
            result for name, result in self._results.items() if name.startswith(f"{task_id}.")
        ]
        return bool(results) and not any(r.status in ("passed", "partial") for r in results)

    def _note(self, item: pytest.Item, call: pytest.CallInfo[None], spent: float) -> None:
        verdict = judge_call(call, item.stash.get(AWARD, Award()), item.path)
        name = check_id(item)
        entry = next(entry for entry in self._entries() if entry.id == name)
        message = printable(verdict.message[:MAX_MESSAGE])
        if verdict.status in ("failed", "partial") and not verdict.explained:
            message = f"{message.rstrip('.')}. Likely cause: {entry.cause}"
        hintless = ("passed", "skipped", "grader_error")
        has_hint = verdict.hinted and verdict.status not in hintless
        self._results[name] = CheckResult(
            id=name,
            title=entry.title,
            status=verdict.status,
            score=round(verdict.fraction * entry.points, 2),
            max_score=entry.points,
            message=message,
            hint="\n".join(entry.hints[: self._hints]) if has_hint else "",
            duration_s=round(spent, 3),
            visibility=self._visibility(entry),
        )
        self._on_result(self._results[name], len(self._results), len(self._entries()))

    def _visibility(self, entry: CheckEntry) -> str:
        return "hidden" if entry.id.split(".")[0] in self._hidden else "visible"

    def _entries(self) -> list[CheckEntry]:
        """The chosen tasks' checks, in the rubric's order."""
        tasks = (task for task in self._rubric.tasks if task.id in self._chosen)
        return [entry for task in tasks for entry in task.checks]

    def _not_run(self, entry: CheckEntry) -> CheckResult:
        return CheckResult(
            id=entry.id,
            title=entry.title,
            status="grader_error",
            score=0.0,
            max_score=entry.points,
            message=printable(self._fault or "the grader ended before this check")[:MAX_MESSAGE],
            hint="",
            duration_s=0.0,
            visibility=self._visibility(entry),
        )


def judge_call(call: pytest.CallInfo[None], award: Award, file: Path) -> Verdict:
    """The verdict of one setup or call of a check in `file`."""
    if call.excinfo is None:
        status = "passed" if award.fraction == 1 else "partial" if award.fraction else "failed"
        return Verdict(status, award.fraction, award.message, award.explained)
    error = call.excinfo.value
    if isinstance(error, pytest.skip.Exception):
        return Verdict("skipped", 0.0, str(error))
    if isinstance(error, Mismatch):
        return Verdict("failed", 0.0, error.message, error.explained)
    if isinstance(error, StudentFailure):
        return Verdict(error.status, 0.0, error.message, hinted=not isinstance(error, Unusable))
    if isinstance(error, AssertionError):
        return Verdict("failed", 0.0, _first_line(error), explained=False)
    message = f"{_place(call.excinfo, file)}: {type(error).__name__}: {_first_line(error)}"
    return Verdict("grader_error", 0.0, message)


def check_id(item: pytest.Item) -> str:
    """`task.name` of a check: its file and its function."""
    return f"{item.path.stem}.{item.name.removeprefix('test_')}"


def check_seed(seed: int, name: str) -> int:
    """A seed of 32 bits for one check."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:4], "big")


def _place(excinfo: pytest.ExceptionInfo[BaseException], file: Path) -> str:
    """Where in a file of checks an exception passed, for whoever mends it."""
    lines = [entry.lineno + 1 for entry in excinfo.traceback if Path(entry.path) == file]
    return ":".join([f"checks/{file.name}", *map(str, lines[-1:])])


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


AWARD = pytest.StashKey[Award]()
SPENT = pytest.StashKey[float]()
