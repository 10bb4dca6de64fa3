"""One grade from start to end: open, stage, run the checks, collect the record."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import os
import platform
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import datasets
from datasets.errors import DataError

from .budget import Budget
from .channel import Channel
from .errors import GraderError, NotImplementedYet, UsageError
from .file_notes import file_notes
from .limits import Limits
from .memorisation import compare_with_public
from .outcome import Outcome, Predictions, judge, train_in_box
from .plan import Plan, choose_data, choose_tasks
from .plugin import Fixtures, Recorder
from .record import CheckResult, Memorisation, Metrics, Record
from .reference import load_reference
from .rubric import Rubric, load_rubric
from .sandbox import Sandbox, WarmSandbox, choose_sandbox, is_bound
from .staging import given_files, restage
from .student import Student
from .submission import MODULES, Submission, open_submission
from .temporary import remove_leftovers, temporary_folder
from .titles import CHECKS
from .trial import Trial, build_trial

PINNED = ("torch", "numpy", "scipy", "scikit-learn", "safetensors", "pytest")


def _ignore(*_: Any) -> None:
    pass


@dataclass(frozen=True)
class Watcher:
    """Who is told what happens meanwhile.

    Attributes:
        note: each note, as text.
        result: each result, with how many checks are done and how many there are.
        training: each report of the training, `step` of `steps`.
    """

    note: Callable[[str], None] = _ignore
    result: Callable[[CheckResult, int, int], None] = _ignore
    training: Callable[[dict[str, Any]], None] = _ignore


@dataclass(frozen=True)
class Graded:
    """What is at hand when all checks have run and their worker still lives.

    Nothing that is done with it can change the marks.

    Attributes:
        student: the code, with the model loaded where `predictions` are there.
        tasks: ids of the tasks that were graded.
        data: the profile.
        hidden: the images of `trial` are a hidden bundle's. Whatever comes out of this worker may
            carry them; `restart` first.
        level: of the sandbox.
        trained: the model was trained in the box, and is gone with this worker.
        trial: what accuracy was measured on; None where it was not.
        predictions: of the model on the trial.
        seed: of the checks' inputs.
        limits: of the model's predictions together.
        restart: ends the worker; the next call meets a fresh one, which has seen nothing.
    """

    student: Student
    tasks: tuple[str, ...]
    data: str
    hidden: bool
    level: str
    trained: bool
    trial: Trial | None
    predictions: Predictions | None
    seed: int
    limits: Limits
    restart: Callable[[], None]


@dataclass
class Grading:
    """What is known while a submission is graded."""

    plan: Plan
    rubric: Rubric
    submission: Submission
    data: str
    watcher: Watcher
    level: str
    trial: Trial | None = None
    notes: list[str] = field(default_factory=list)
    metrics: Metrics | None = None
    predictions: Predictions | None = None
    memorisation: Memorisation | None = None
    training: dict[str, float] | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """What the instructor should look at."""
        found = [self.memorisation.flag] if self.memorisation else []
        if self.plan.hidden and self.level == "plain":
            found.append(
                "graded on hidden data at the level plain, where code that looks for the bundle "
                "can read it: use --sandbox require"
            )
        return tuple(flag for flag in found if flag)

    def note(self, text: str) -> None:
        """Keep a note for the record, and tell the watcher."""
        self.notes.append(text)
        self.watcher.note(text)


def grade(
    plan: Plan,
    watcher: Watcher | None = None,
    sandbox: Sandbox | None = None,
    *,
    submission: Submission | None = None,
    trial: Trial | None = None,
    afterwards: Callable[[Graded], None] | None = None,
) -> Record:
    """Grade one submission.

    Args:
        plan: what to grade and how.
        watcher: who is told what happens meanwhile.
        sandbox: of the level that the plan asks for, where one is kept from grading to grading.
        submission: the opened submission, in place of what lies at the plan's path.
        trial: the images for accuracy, `load_trial` of the same data, where they are there already.
        afterwards: is called when the checks are done, before the worker ends; raises nothing.

    Raises:
        UsageError: the submission or an option cannot be used, or the sandbox is another level's.
        GraderError: the grader's own files are broken, or the machine fails it.
    """
    try:
        return _grade(plan, watcher or Watcher(), sandbox, submission, trial, afterwards)
    except (UsageError, DataError, GraderError):
        raise
    except OSError as error:  # a full disk, no more processes
        raise GraderError(f"the machine fails the grader: {error}") from error
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        raise GraderError(f"{place}: {type(error).__name__}: {error}") from error


def _grade(
    plan: Plan,
    watcher: Watcher,
    kept: Sandbox | None,
    opened: Submission | None,
    trial: Trial | None,
    afterwards: Callable[[Graded], None] | None,
) -> Record:
    started, clock = datetime.datetime.now(datetime.timezone.utc), time.perf_counter()
    rubric = load_rubric()
    chosen = choose_tasks(plan, rubric)
    remove_leftovers()
    sandbox, weaker = choose_sandbox(plan.sandbox)
    if kept is not None:
        if kept.level != sandbox.level:
            raise UsageError(f"--sandbox {plan.sandbox} is {sandbox.level} here, not {kept.level}")
        sandbox = kept
    given = given_files()
    submission = opened or open_submission(plan.path, given)
    data, reason = choose_data(plan)
    bundle = _about(plan.hidden)
    if plan.hidden and sandbox.level == "bwrap" and is_bound(plan.hidden.resolve()):
        raise UsageError(f"--hidden {plan.hidden}: the box can see its folder; keep it elsewhere")
    grading = Grading(plan, rubric, submission, data, watcher, sandbox.level, trial)
    grading.note(reason)
    if weaker:
        grading.note(f"sandbox: {sandbox.level}, the best that there is here: {weaker}")
    if submission.missing:
        grading.note("missing: " + ", ".join(f"{name}.py" for name in submission.missing))
    for note in file_notes(submission):
        grading.note(note)
    seed = int(submission.sha256[:8], 16) if plan.seed is None else plan.seed
    with temporary_folder() as root:
        channel = Channel(sandbox, lambda: restage(submission, given, root))
        try:
            channel.start()  # imports torch while pytest collects the checks
            present = frozenset(MODULES) - frozenset(submission.missing)
            student = Student(
                channel,
                rubric.limits,
                Budget(rubric.waiting["check_s"], rubric.waiting["all_s"]),
                present,
            )
            hidden = frozenset({"accuracy"} if plan.hidden else ())
            recorder = Recorder(rubric, chosen, hidden, grading.watcher.result, plan.hints)
            fixtures = Fixtures(student, seed, lambda: _measure_accuracy(grading, student))
            _run_checks(chosen, recorder, fixtures)
            if afterwards is not None:
                afterwards(_graded(grading, chosen, student, seed, channel.close))
        finally:
            channel.close()
    if isinstance(sandbox, WarmSandbox) and sandbox.cold:
        grading.note(f"the worker was started on its own, which takes longer: {sandbox.cold}")
    return Record(
        name=submission.name,
        sha256=submission.sha256,
        data=data,
        tier="hidden" if plan.hidden else "public",
        sandbox=sandbox.level,
        tasks=recorder.tasks(),
        metrics=grading.metrics,
        memorisation=grading.memorisation,
        flags=grading.flags,
        training=grading.training,
        reference=load_reference(data),
        environment=_environment(seed, sandbox) | bundle,
        notes=tuple(grading.notes),
        not_run=(
            *(task.id for task in rubric.tasks if task.id not in chosen),
            *(() if plan.hidden else ("hidden test data",)),
        ),
        started_at=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        duration_s=round(time.perf_counter() - clock, 2),
    )


def _graded(
    grading: Grading,
    chosen: tuple[str, ...],
    student: Student,
    seed: int,
    restart: Callable[[], None],
) -> Graded:
    return Graded(
        student=student,
        tasks=chosen,
        data=grading.data,
        hidden=grading.plan.hidden is not None,
        level=grading.level,
        trained=grading.training is not None,
        trial=grading.trial,
        predictions=grading.predictions,
        seed=seed,
        limits=grading.rubric.training[grading.data],
        restart=restart,
    )


def pytest_arguments(chosen: tuple[str, ...]) -> list[str]:
    """What pytest is told: these tasks' files, and nothing of what checks have no use for."""
    return [
        *(str(CHECKS / f"{task}.py") for task in chosen),
        "--rootdir", str(CHECKS.parents[1]), "-c", str(CHECKS / "pytest.ini"), "--noconftest",
        "--import-mode=importlib", "-p", "no:terminal", "-p", "no:cacheprovider",
        "-p", "no:logging", "-p", "no:faulthandler", "-p", "no:unraisableexception",
        "-p", "no:threadexception", "-p", "no:doctest", "-p", "no:unittest", "-p", "no:debugging",
        "-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:stepwise", "--capture=no",
    ]  # fmt: skip


def _run_checks(chosen: tuple[str, ...], recorder: Recorder, fixtures: Fixtures) -> None:
    """Run pytest in this process on the chosen tasks' files, and on nothing else.

    No plugin, option or configuration of the user's takes part, and pytest says nothing itself:
    what counts is what the recorder was told.

    Raises:
        KeyboardInterrupt: pytest was interrupted, and has swallowed that.
    """
    if missing := [task for task in chosen if not (CHECKS / f"{task}.py").is_file()]:
        recorder.blame(f"checks/{missing[0]}.py: there is no such file")
        return
    kept = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    autoload = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        pytest.main(pytest_arguments(chosen), plugins=[fixtures, recorder])
    finally:
        kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = autoload
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    if recorder.interrupted:
        raise KeyboardInterrupt


def _measure_accuracy(grading: Grading, student: Student) -> Outcome:
    """Load or train the student's model and measure it; called at most once."""
    plan, rubric, data = grading.plan, grading.rubric, grading.data
    if plan.train == "always" or (plan.train == "auto" and not grading.submission.has_weights):
        grading.note(f"training the model on {data} (no weights.safetensors is used)")
        grading.training = train_in_box(
            student, data, plan.seed or 0, rubric.training[data], grading.watcher.training
        )
    elif grading.submission.has_weights:
        student.load_weights()
        trained_on = grading.submission.weights_data
        if trained_on and trained_on != data:
            grading.note(
                f"weights.safetensors was trained on {trained_on} and is graded on {data}: "
                f"use --data {trained_on}, or train on {data}"
            )
    else:
        raise NotImplementedYet(
            "no weights.safetensors in the submission, and --train never: "
            "run python -m assignment.train first"
        )
    grading.trial = grading.trial or load_trial(data, plan.hidden)
    outcome = judge(
        student, grading.trial, rubric.ramps[data], rubric.training[data],
        hidden=plan.hidden is not None,
    )  # fmt: skip
    grading.metrics, grading.predictions = outcome.metrics, outcome.predictions
    if plan.hidden:
        grading.memorisation = compare_with_public(
            student, data, outcome.metrics.known_accuracy, rubric.memorisation[data],
            rubric.training[data],
        )  # fmt: skip
    return outcome


def load_trial(data: str, hidden: Path | None) -> Trial:
    """The images that accuracy is measured on: a hidden bundle's, else the public test sets'.

    Raises:
        DataError: they are not there, or damaged.
    """
    if hidden:
        bundle = datasets.read_bundle(hidden)
        return build_trial(bundle.known, bundle.unknowns)
    return build_trial(*datasets.load_test(data))


def pinned_versions() -> dict[str, str]:
    """Versions of the packages that a mark depends on."""
    return {name: importlib.metadata.version(name) for name in PINNED}


def _about(bundle: Path | None) -> dict[str, Any]:
    """Which hidden bundle it was; nothing where there was none."""
    if bundle is None:
        return {}
    return {"hidden_sha256": hashlib.sha256(bundle.read_bytes()).hexdigest()}


def _environment(seed: int, sandbox: Sandbox) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "isolation": sandbox.isolation,
        "seed": seed,
        "versions": pinned_versions(),
    }
