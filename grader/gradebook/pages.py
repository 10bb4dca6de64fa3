"""One student, or what a regrade changed, as lines of text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..text import one_line
from .changes import CheckChange, Outcome, StudentChange
from .grade import Adjustment, Grade

CAUSES = {
    "submission": "the work changed",
    "grader": "the grader or its rubric changed",
    "data": "the test data changed",
}
NOT_FINAL = {
    "grader_error": "not final: the grader itself failed; grade again",
    "unusable": "no mark: the submission could not be opened",
}
SAME = "same work, same grader, same data: the outcome is not stable"


def student_page(
    grade: Grade, history: Sequence[Grade], adjustments: Sequence[tuple[Adjustment, bool]]
) -> list[str]:
    """The current grade with its tasks and lost checks, then all there was before.

    Args:
        grade: the current one.
        history: every one, the oldest first.
        adjustments: every one, the oldest first; True for one that takes back another.
    """
    record = grade.record
    final = f"{points(grade.final_score)} / {points(record['max_score'])}"
    lines = [f"{label(grade.student, grade.name)}: {final}"]
    if grade.adjustment is not None:
        lines.append(f"automatic mark {points(grade.score)}; {_adjustment(grade.adjustment)}")
    if not grade.is_final:
        lines.append(NOT_FINAL.get(record["status"], f"no mark: {one_line(record['status'])}"))
    if record["status"] == "unusable":  # every check of it says the same
        lines += [f"  {one_line(note, 600)}" for note in record.get("notes", ())]
    else:
        lines += ["", *_tasks(record)]
    lines += [*(f"flag: {one_line(text)}" for text in record.get("flags", ()))]
    lines += ["", "History, times in UTC, the newest last:"]
    lines += [_entry(entry, is_current=entry.id == grade.id) for entry in history]
    if adjustments:
        lines += ["", "Adjustments, the newest last:"]
        lines += [f"  {_adjustment(made, taken_back=back)}" for made, back in adjustments]
    return lines


def changes_page(
    changed: Sequence[StudentChange], compared: int, new: Iterable[Grade], since: str
) -> list[str]:
    """Who has another mark, by how much, and through which checks.

    Args:
        changed: those.
        compared: how many students had a grade then and have one now.
        new: grades of students who had none then.
        since: when that was, in words.
    """
    newcomers = [label(grade.student, grade.name) for grade in new]
    lines = [f"Since {since}: {len(changed)} of {compared} students changed."]
    if newcomers:
        lines.append(f"Graded for the first time: {', '.join(newcomers)}.")
    for change in changed:
        lines += ["", *_student_change(change)]
    return lines


def label(student: str, name: str) -> str:
    """A student as a person knows them, safe to print."""
    return f"{one_line(name)} ({one_line(student)})" if name else one_line(student)


def points(value: float | None) -> str:
    """Points without idle zeros; a dash for none."""
    return "—" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _tasks(record: dict[str, Any]) -> Iterator[str]:
    for task in record.get("tasks", ()):
        yield f"{one_line(task['title'])}: {_of(task)}"
        for check in task["checks"]:
            if check["score"] < check["max_score"] or check["status"] != "passed":
                title, message = one_line(check["title"]), one_line(check["message"], 600)
                yield f"  {check['status']}, {_of(check)}: {title}"
                if message:
                    yield f"      {message}"


def _of(part: dict[str, Any]) -> str:
    return f"{points(part['score'])} / {points(part['max_score'])}"


def _entry(grade: Grade, *, is_current: bool) -> str:
    parts = [
        f"  {grade.id}",
        grade.graded_at.replace("T", " ").rstrip("Z"),
        _of(grade.record) if grade.is_final else one_line(grade.record["status"]),
        *([f"attempt {one_line(grade.attempt)}"] if grade.attempt else []),
        one_line(grade.source),
        *(["(counts)"] if is_current and grade.is_final else []),
    ]
    return "  ".join(part for part in parts if part)


def _adjustment(made: Adjustment, *, taken_back: bool = False) -> str:
    what = "taken back" if taken_back else made.words
    by = f" by {one_line(made.by)}" if made.by else ""
    reason = f": {one_line(made.reason, 600)}" if made.reason else ""
    return f"{what} ({made.at.replace('T', ' ').rstrip('Z')}{by}){reason}"


def _student_change(change: StudentChange) -> Iterator[str]:
    causes = " and ".join(CAUSES[cause] for cause in change.causes) or SAME
    final = f"; with the adjustment {points(change.final)}" if change.final != change.after else ""
    yield (
        f"{label(change.student, change.name)}: {points(change.before)} → {points(change.after)} "
        f"({change.points:+g}){final}, because {causes}"
    )
    for check in change.checks:
        yield f"  {_check_change(check)}"


def _check_change(check: CheckChange) -> str:
    return (
        f"{check.points:+g}  {one_line(check.id)}: {_outcome(check.before)} → "
        f"{_outcome(check.after)}  ({one_line(check.title)})"
    )


def _outcome(outcome: Outcome | None) -> str:
    return "no such check" if outcome is None else f"{outcome.status} {points(outcome.score)}"
