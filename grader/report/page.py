"""One grade as one HTML file that needs nothing else."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from jinja2 import Template

from ..advice import STUBS, place
from ..console import METRIC_TITLES
from ..emit.student_copy import for_student
from ..gallery.gallery import Gallery
from ..pages.environment import environment, points
from ..published import CAVEAT, load_published
from ..rubric import MAX_HINTS
from .pictures import pictures

CAUSE = ". Likely cause: "  # as `plugin` puts it after a message that names no mistake
TONES = {
    "passed": "good", "partial": "part", "grader_error": "fault",
    "skipped": "quiet", "not_implemented": "quiet",
}  # fmt: skip
SIGNS = {"good": "✓", "part": "~", "bad": "✗", "fault": "!", "quiet": "○"}
STATUS_WORDS = {
    "passed": "passed",
    "partial": "partly",
    "failed": "failed",
    "not_implemented": "not implemented",
    "error": "raised an error",
    "timeout": "took too long",
    "crashed": "crashed",
    "out_of_memory": "out of memory",
    "skipped": "skipped",
    "grader_error": "the grader failed",
}
NOT_MARKS = {
    "grader_error": "The grader itself failed. This is no mark and not your fault: report it.",
    "unusable": "The submission could not be opened, so nothing was graded.",
}


@dataclass(frozen=True)
class CheckLine:
    """A check as the page shows it; `cause` is the likely mistake, "" where none is named."""

    title: str
    id: str
    tone: str
    sign: str
    status: str
    score: float
    max_score: float
    message: str
    cause: str
    hints: tuple[str, ...]
    more_hints: bool
    hidden: bool
    duration_s: float


@dataclass(frozen=True)
class TaskPart:
    """A task with its checks; `share` is of its points, in [0, 1].

    `alike` is the one message of all its checks, none of which earned a point; "" where they say
    different things.
    """

    id: str
    title: str
    score: float
    max_score: float
    share: float
    tone: str
    checks: tuple[CheckLine, ...]
    passed: int
    alike: str


@dataclass(frozen=True)
class System:
    """A row of the table of models: accuracies as fractions, None where one is not known."""

    name: str
    values: tuple[float | None, ...]
    source: str = ""


def render_report(record: dict[str, Any], gallery: Gallery | None = None) -> str:
    """The page of one grade, for its student: it says what the student's copy says.

    Args:
        record: of schema osr-grade/1.
        gallery: its pictures; None where none were gathered.
    """
    shown = for_student(record)
    return _template().render(
        record=shown,
        share=_share(shown["score"], shown["max_score"]),
        tone=_tone_of(shown["score"], shown["max_score"]),
        not_a_mark=NOT_MARKS.get(shown["status"], ""),
        tasks=[_task(task) for task in shown["tasks"]],
        first=_first_step(shown),
        metric_titles=METRIC_TITLES.values(),
        systems=_systems(shown),
        families=_families(shown),
        caveat=CAVEAT,
        pictures=pictures(gallery) if gallery else None,
    )


@functools.cache  # a batch fills it in for each student
def _template() -> Template:
    return environment("report").get_template("report.html.j2")


def _task(task: dict[str, Any]) -> TaskPart:
    checks = tuple(_check(check) for check in task["checks"])
    return TaskPart(
        task["id"],
        task["title"],
        task["score"],
        task["max_score"],
        _share(task["score"], task["max_score"]),
        _tone_of(task["score"], task["max_score"]),
        checks,
        sum(check.status == STATUS_WORDS["passed"] for check in checks),
        _alike(task),
    )


def _alike(task: dict[str, Any]) -> str:
    messages = {check["message"] for check in task["checks"]}
    is_one = len(messages) == 1 and len(task["checks"]) > 1 and task["score"] == 0
    return messages.pop() if is_one else ""


def _check(check: dict[str, Any]) -> CheckLine:
    message, _, cause = check["message"].rpartition(CAUSE)
    if not message:
        message, cause = check["message"], ""
    tone = TONES.get(check["status"], "bad")
    hints = tuple(check["hint"].splitlines())
    return CheckLine(
        title=check["title"],
        id=check["id"],
        tone=tone,
        sign=SIGNS[tone],
        status=STATUS_WORDS[check["status"]],
        score=check["score"],
        max_score=check["max_score"],
        message=message,
        cause=cause,
        hints=hints,
        more_hints=0 < len(hints) < MAX_HINTS,
        hidden=check["visibility"] == "hidden",
        duration_s=check["duration_s"],
    )


def _first_step(record: dict[str, Any]) -> CheckLine | None:
    """The check to mend first, as the terminal says it; None where all is well or nobody's."""
    if record["status"] != "graded":
        return None
    lost = [
        (place(task["id"]), check["status"] in STUBS, check)
        for task in record["tasks"]
        for check in task["checks"]
        if check["score"] < check["max_score"]
    ]
    return _check(min(lost, key=lambda entry: entry[:2])[2]) if lost else None


def _systems(record: dict[str, Any]) -> list[System]:
    """This submission, the reference on the same data, and systems that others published."""
    if not record["metrics"]:
        return []
    rows = [System("this submission", _values(record["metrics"]))]
    if record["reference"]:
        rows.append(System("the reference", _values(record["reference"])))
    for system in load_published(record["data"]):
        values = (system.known_accuracy, system.unknown_accuracy, system.total_accuracy, None, None)
        rows.append(System(f"published: {system.name}", values, system.source))
    return rows


def _values(metrics: dict[str, Any]) -> tuple[float | None, ...]:
    return tuple(metrics.get(name) for name in METRIC_TITLES)


def _families(record: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    """Each family of unknown images with the share that is rejected: here, and by the reference."""
    if not record["metrics"]:
        return []
    reference = (record["reference"] or {}).get("per_family", {})
    found = record["metrics"]["per_family"].items()
    return [(family, share, reference.get(family)) for family, share in found]


def _share(score: float, most: float) -> float:
    return min(max(score / most, 0.0), 1.0) if most else 0.0


def _tone_of(score: float, most: float) -> str:
    return "good" if score >= most else "part" if score > 0 else "bad"


def summary_line(record: dict[str, Any]) -> str:
    """A grade in a few words, for whoever links to its page."""
    return f"{points(record['score'])} of {points(record['max_score'])}"
