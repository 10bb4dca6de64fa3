"""The rubric: one validated manifest of tasks, checks, points, hints, limits and targets."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import GraderError
from .limits import Limits
from .manifest import ManifestError, count, each, fields, line, named, number, positive
from .titles import CHECKS, read_titles

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RUBRIC = Path(__file__).with_name("rubric.toml")
TOTAL_POINTS = 100
MAX_HINTS = 3

_BUDGET = fields(cpu_s=positive, wall_s=positive)
_RAMP = fields(floor=number, target=number)
_RAMPS = fields(known=_RAMP, unknown=_RAMP, worst_family=_RAMP)
_CHECK = fields(points=positive, cause=line, hints=each(line))
_TASK = fields({"needs": each(line)}, id=line, title=line, points=positive, checks=named(_CHECK))
_RUBRIC = fields(
    schema=count,
    limits=fields(cpu_s=positive, wall_s=positive, memory_mb=count, processes=count),
    waiting=fields(check_s=positive, all_s=positive),
    training=fields(memory_mb=count, digits=_BUDGET, mnist=_BUDGET),
    accuracy=fields(digits=_RAMPS, mnist=_RAMPS),
    memorisation=fields(digits=positive, mnist=positive),
    tasks=each(_TASK),
)


@dataclass(frozen=True)
class CheckEntry:
    """A check's entry.

    Attributes:
        id: `task.name`.
        title: the first line of the check's docstring.
        points: what it earns.
        cause: the likely mistake, said where the check has not recognised one.
        hints: one to three, from a nudge to nearly the answer.
    """

    id: str
    title: str
    points: float
    cause: str
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
    waiting: dict[str, float]
    training: dict[str, Limits]
    ramps: dict[str, dict[str, Ramp]]
    memorisation: dict[str, float]

    def task(self, task_id: str) -> TaskEntry:
        """The task of that id.

        Raises:
            KeyError: there is none.
        """
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise KeyError(task_id)


def load_rubric(path: Path = RUBRIC, checks: Path = CHECKS) -> Rubric:
    """Read and validate the rubric.

    A file of checks that is missing or no Python is not its fault: grading finds that out.

    Raises:
        GraderError: it is not valid, or does not list the very checks there are; the line says
            which key.
    """
    titles = read_titles(checks)
    try:
        data = _RUBRIC(tomllib.loads(path.read_text(encoding="utf-8")), "")
    except OSError as error:
        raise GraderError(f"{path.name}: it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise GraderError(f"{path.name}: it is not UTF-8") from None
    except RecursionError:
        raise GraderError(f"{path.name}: it is nested too deep") from None
    except (ValueError, ManifestError) as error:  # ValueError: no TOML, or a number without end
        raise GraderError(f"{path.name}: {error}") from None
    problems = [*_problems(data), *_disagreements(data["tasks"], titles)]
    if problems:
        raise GraderError(f"{path.name}: {'; '.join(problems)}")
    return _build(data, titles)


def _build(data: dict[str, Any], titles: dict[str, dict[str, str]]) -> Rubric:
    limits = Limits(**data["limits"])
    shared = {"memory_mb": data["training"].pop("memory_mb"), "processes": limits.processes}
    return Rubric(
        tasks=tuple(_build_task(entry, titles.get(entry["id"], {})) for entry in data["tasks"]),
        limits=limits,
        waiting=data["waiting"],
        training={
            profile: Limits(**budget, **shared) for profile, budget in data["training"].items()
        },
        ramps={
            profile: {part: Ramp(**ramp) for part, ramp in parts.items()}
            for profile, parts in data["accuracy"].items()
        },
        memorisation=data["memorisation"],
    )


def _build_task(entry: dict[str, Any], titles: dict[str, str]) -> TaskEntry:
    checks = tuple(
        CheckEntry(
            id=f"{entry['id']}.{name}",
            title=titles.get(name, name),
            points=check["points"],
            cause=check["cause"],
            hints=tuple(check["hints"]),
        )
        for name, check in entry["checks"].items()
    )
    return TaskEntry(
        entry["id"], entry["title"], entry["points"], tuple(entry.get("needs", ())), checks
    )


def _problems(data: dict[str, Any]) -> list[str]:
    """What is wrong though every key is there and of its type."""
    tasks = data["tasks"]
    ids = [task["id"] for task in tasks]
    problems = [f"tasks.{i}: the id appears twice" for i in sorted(set(ids)) if ids.count(i) > 1]
    problems += [f"schema: it must be 1, not {data['schema']}"] * (data["schema"] != 1)
    for position, task in enumerate(tasks):
        place = f"tasks.{task['id']}"
        total = sum(check["points"] for check in task["checks"].values())
        if not math.isclose(total, task["points"]):
            problems.append(f"{place}.points: its checks add up to {total:g}, not {task['points']}")
        problems += [
            f"{place}.needs: no task {other!r} comes before it"
            for other in task.get("needs", ())
            if other not in ids[:position]
        ]
        problems += [
            f"{place}.checks.{name}.hints: there must be 1 to {MAX_HINTS}, not {found}"
            for name, check in task["checks"].items()
            if not 1 <= (found := len(check["hints"])) <= MAX_HINTS
        ]
    total = sum(task["points"] for task in tasks)
    if not math.isclose(total, TOTAL_POINTS):
        problems.append(f"tasks: their points add up to {total:g}, not {TOTAL_POINTS}")
    problems += [
        f"accuracy.{profile}.{part}: 0 <= floor < target <= 1 does not hold"
        for profile, parts in data["accuracy"].items()
        for part, ramp in parts.items()
        if not 0 <= ramp["floor"] < ramp["target"] <= 1
    ]
    return problems


def _disagreements(tasks: list[dict[str, Any]], titles: dict[str, dict[str, str]]) -> list[str]:
    """Entries without a check, checks without an entry or a title."""
    entries = {task["id"]: task["checks"] for task in tasks}
    problems = []
    for task, found in titles.items():
        listed = entries.get(task, {})
        problems += [
            f"tasks.{task}.checks.{name}: there is no test_{name} in checks/{task}.py"
            for name in listed
            if name not in found
        ]
        problems += [
            f"tasks.{task}.checks.{name}: it is missing, and checks/{task}.py has test_{name}"
            for name in found
            if name not in listed
        ]
        problems += [
            f"checks/{task}.py: test_{name} has no docstring, so no title"
            for name, title in found.items()
            if not title
        ]
    return problems
