"""The rubric: one validated manifest of tasks, checks, points, hints, limits and targets."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .channel import Limits
from .errors import GraderError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RUBRIC = Path(__file__).with_name("rubric.toml")
TOTAL_POINTS = 100


@dataclass(frozen=True)
class CheckEntry:
    """A check's entry: `id` is `task.name`, `hints` go from a nudge to nearly the answer."""

    id: str
    points: float
    hints: tuple[str, ...]


@dataclass(frozen=True)
class TaskEntry:
    """A task's entry; its checks are skipped where every check of a task it needs went wrong."""

    id: str
    title: str
    points: float
    needs: tuple[str, ...]
    checks: tuple[CheckEntry, ...]


@dataclass(frozen=True)
class Ramp:
    """Points for an accuracy: none up to `floor`, all from `target` on."""

    floor: float
    target: float

    def fraction(self, accuracy: float) -> float:
        """The share of the points in [0, 1]; nan earns nothing."""
        if not accuracy > self.floor:
            return 0.0
        return min(1.0, (accuracy - self.floor) / (self.target - self.floor))


@dataclass(frozen=True)
class Rubric:
    """Everything that a mark depends on besides the checks' own code."""

    tasks: tuple[TaskEntry, ...]
    limits: Limits
    training: dict[str, Limits]
    ramps: dict[str, dict[str, Ramp]]

    def task(self, task_id: str) -> TaskEntry:
        """The task of that id.

        Raises:
            KeyError: there is none.
        """
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise KeyError(task_id)


def load_rubric(path: Path = RUBRIC) -> Rubric:
    """Read and validate the rubric.

    Raises:
        GraderError: it is not valid; the line says which entry.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        rubric = _build(data)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise GraderError(f"{path.name}: {type(error).__name__}: {error}") from None
    _validate(rubric, path.name)
    return rubric


def _build(data: dict[str, Any]) -> Rubric:
    limits = Limits(**data["limits"])
    shared = {"memory_mb": data["training"]["memory_mb"], "processes": limits.processes}
    return Rubric(
        tasks=tuple(_build_task(entry) for entry in data["tasks"]),
        limits=limits,
        training={
            profile: Limits(**budget, **shared)
            for profile, budget in data["training"].items()
            if isinstance(budget, dict)
        },
        ramps={
            profile: {part: Ramp(**ramp) for part, ramp in parts.items()}
            for profile, parts in data["accuracy"].items()
        },
    )


def _build_task(entry: dict[str, Any]) -> TaskEntry:
    checks = tuple(
        _build_check(f"{entry['id']}.{name}", check) for name, check in entry["checks"].items()
    )
    return TaskEntry(
        entry["id"], entry["title"], entry["points"], tuple(entry.get("needs", ())), checks
    )


def _build_check(check_id: str, entry: dict[str, Any]) -> CheckEntry:
    points, hints = entry["points"], entry["hints"]
    if not isinstance(points, int | float) or isinstance(points, bool):
        raise TypeError(f"{check_id}: points must be a number, not {points!r}")
    if not isinstance(hints, list) or not all(isinstance(hint, str) for hint in hints):
        raise TypeError(f"{check_id}: hints must be a list of texts")
    return CheckEntry(check_id, points, tuple(hints))


def _validate(rubric: Rubric, name: str) -> None:
    ids = [task.id for task in rubric.tasks]
    problems = [f"task {i} appears twice" for i in set(ids) if ids.count(i) > 1]
    for task in rubric.tasks:
        total = sum(check.points for check in task.checks)
        if total != task.points:
            problems.append(f"{task.id}: its checks add up to {total}, not {task.points}")
        problems += [
            f"{task.id} needs {other}, which does not come before it"
            for other in task.needs
            if other not in ids[: ids.index(task.id)]
        ]
        for check in task.checks:
            if check.points <= 0:
                problems.append(f"{check.id}: points must be above 0")
            if not check.hints or not all(hint.strip() for hint in check.hints):
                problems.append(f"{check.id}: a hint is missing or empty")
    if sum(task.points for task in rubric.tasks) != TOTAL_POINTS:
        problems.append(f"the tasks' points do not add up to {TOTAL_POINTS}")
    for profile, parts in rubric.ramps.items():
        problems += [
            f"accuracy.{profile}.{part}: 0 <= floor < target <= 1 does not hold"
            for part, ramp in parts.items()
            if not 0 <= ramp.floor < ramp.target <= 1
        ]
    if problems:
        raise GraderError(f"{name}: " + "; ".join(problems))
