"""A grade as data: what every table, file and page is made from (schema osr-grade/1)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datasets.errors import DataError
from datasets.files import write_whole

from .errors import UsageError

SCHEMA = "osr-grade/1"
STATUSES = (
    "passed",
    "partial",
    "failed",
    "not_implemented",
    "error",
    "timeout",
    "crashed",
    "out_of_memory",
    "skipped",
    "grader_error",
)


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check; `score` is in [0, max_score]."""

    id: str
    title: str
    status: str
    score: float
    max_score: float
    message: str
    hint: str
    duration_s: float
    visibility: str = "visible"


@dataclass(frozen=True)
class TaskResult:
    """The outcome of one task."""

    id: str
    title: str
    checks: tuple[CheckResult, ...]

    @property
    def score(self) -> float:
        """Points earned."""
        return round(sum(check.score for check in self.checks), 2)

    @property
    def max_score(self) -> float:
        """Points there were."""
        return sum(check.max_score for check in self.checks)


@dataclass(frozen=True)
class Metrics:
    """Accuracies are fractions in [0, 1]; `per_family` is the share of a family called unknown.

    `closed_set_accuracy` is of known digits without rejection; `auroc` takes unknown as positive,
    over the graded families; None where scores are not finite.
    """

    known_accuracy: float
    unknown_accuracy: float
    total_accuracy: float
    closed_set_accuracy: float
    auroc: float | None
    per_family: dict[str, float]


@dataclass(frozen=True)
class Memorisation:
    """Known accuracy on public test digits beside that on the hidden, moved ones.

    Attributes:
        public_known_accuracy: a fraction.
        hidden_known_accuracy: a fraction.
        limit: how much larger the first may be; more is flagged.
    """

    public_known_accuracy: float
    hidden_known_accuracy: float
    limit: float

    @property
    def gap(self) -> float:
        """How much better the model knows the public digits."""
        return self.public_known_accuracy - self.hidden_known_accuracy

    @property
    def flag(self) -> str:
        """A sentence for the instructor; "" where there is nothing to look at."""
        if abs(self.gap) <= self.limit:
            return ""
        question = (
            "does it remember the test images?" if self.gap > 0 else "has it seen the hidden ones?"
        )
        return (
            f"known accuracy is {100 * self.public_known_accuracy:.2f} % on the public test digits "
            f"and {100 * self.hidden_known_accuracy:.2f} % on hidden, moved ones; honest models "
            f"differ by less than {100 * self.limit:g} points: {question}"
        )


@dataclass(frozen=True)
class Record:
    """One grade of one submission.

    `not_run` says what a whole grade has and this one has not: other tasks, hidden test data.
    `memorisation` compares known accuracy on hidden and public digits, `flags` says what of it the
    instructor should look at; a hidden grade has them.
    `training` holds `wall_s` and `cpu_s` of a training in the box, None where there was none;
    `reference` the reference's metrics on the same data, None where none were measured.
    """

    name: str
    sha256: str
    data: str
    tier: str
    sandbox: str
    tasks: tuple[TaskResult, ...]
    metrics: Metrics | None
    memorisation: Memorisation | None
    flags: tuple[str, ...]
    training: dict[str, float] | None
    reference: dict[str, Any] | None
    environment: dict[str, Any]
    notes: tuple[str, ...]
    not_run: tuple[str, ...]
    started_at: str
    duration_s: float

    @property
    def score(self) -> float:
        """Points earned over the tasks that were graded."""
        return round(sum(task.score for task in self.tasks), 2)

    @property
    def max_score(self) -> float:
        """Points there were in the tasks that were graded."""
        return sum(task.max_score for task in self.tasks)

    @property
    def status(self) -> str:
        """`grader_error` as soon as one check met a fault of the grader's own."""
        checks = [check for task in self.tasks for check in task.checks]
        broken = not checks or any(check.status == "grader_error" for check in checks)
        return "grader_error" if broken else "graded"

    def to_json(self) -> dict[str, Any]:
        """The record as `--json` writes it."""
        return {
            "schema": SCHEMA,
            "submission": {"name": self.name, "sha256": self.sha256},
            "data": self.data,
            "tier": self.tier,
            "score": self.score,
            "max_score": self.max_score,
            "status": self.status,
            "sandbox": self.sandbox,
            "tasks": [
                {
                    "id": task.id,
                    "title": task.title,
                    "score": task.score,
                    "max_score": task.max_score,
                    "checks": [asdict(check) for check in task.checks],
                }
                for task in self.tasks
            ],
            "metrics": asdict(self.metrics) if self.metrics else None,
            "memorisation": asdict(self.memorisation) if self.memorisation else None,
            "flags": list(self.flags),
            "training": self.training,
            "reference": self.reference,
            "environment": self.environment,
            "notes": list(self.notes),
            "not_run": list(self.not_run),
            "started_at": self.started_at,
            "duration_s": self.duration_s,
        }


def save_record(path: Path, record: Record) -> Path:
    """Write a record, but never one that says less over a final one.

    Args:
        path: where to.
        record: the grade. Where `path` holds a record with status `graded`, one with status
            `grader_error` goes beside it, to `NAME.grader_error.json`; so does one of fewer tasks,
            to `NAME.TASK.json`, and one on public data beside one on hidden, to `NAME.public.json`.

    Returns:
        The file that was written.

    Raises:
        UsageError: it cannot be written.
    """
    if less := _says_less(record, path):
        path = path.with_name(f"{path.stem}.{less}.json")
    write_json(path, record.to_json())
    return path


def _says_less(record: Record, path: Path) -> str:
    """What to call a record that says less than the one that is there; "" where it does not."""
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        if earlier["status"] != "graded":
            return ""
        if record.status != "graded":
            return "grader_error"
        tasks = {str(task["id"]) for task in earlier["tasks"]}
        tier = str(earlier["tier"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    if tasks - {task.id for task in record.tasks}:
        return "+".join(task.id for task in record.tasks)
    return "public" if (record.tier, tier) == ("public", "hidden") else ""


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write `data` as JSON, whole or not at all.

    Raises:
        UsageError: the folder is missing or cannot be written to.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        write_whole(path, lambda file: file.write(text.encode("utf-8", "backslashreplace")))
    except DataError as error:
        raise UsageError(str(error)) from None
