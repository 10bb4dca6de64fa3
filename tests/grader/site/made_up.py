"""Classes made up from a seed, with the rubric's own checks: as many students as one likes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.gradebook import Gradebook, GradeKey, NewGrade
from grader.reference import load_reference
from grader.rubric import Rubric, load_rubric

FIRST = ("Ada", "Björk", "Chimamanda", "Dana", "Emeka", "Farah", "Goro", "Hélène", "Inés", "Jun")
LAST = ("Abe", "Brandt", "Çelik", "Dąbrowski", "Eriksen", "Fofana", "García", "Huang", "O'Neill")
LOST = {
    "failed": "gives (12, 64), expected (12, 32) for 12 images. Likely cause: {cause}",
    "error": "TypeError: unsupported operand type(s) for -: 'Tensor' and 'NoneType' "
    "(contrastive.py:{line})",
    "not_implemented": "task not written yet: NotImplementedError",
    "timeout": "it did not return within 10 s",
    "skipped": "not run: it needs a task in which every check went wrong",
    "crashed": "the worker died (SIGSEGV)",
    "out_of_memory": "it wanted more than 768 MB",
}
# What a student may put wherever they can write: names, ids, messages.
HOSTILE = (
    "<script>window.hacked=1;alert(1)</script>",
    "<img src=x onerror=\"window.hacked=2;alert(2)\">",
    "</script><script>window.hacked=3</script>",
    "\"><svg onload=window.hacked=4>",
    "' onmouseover='window.hacked=5' autofocus onfocus='window.hacked=5' x='",
    "</style><script>window.hacked=6</script>",
    "</title><script>window.hacked=7</script>",
    "javascript:window.hacked=8",
    "<a href=\"javascript:window.hacked=9\">marks</a>",
    "{{ 7 * 7 }}{% raw %}{# x #}${7*7}",
    "<!--<script>", "]]><![CDATA[", "&lt;script&gt;window.hacked=10&lt;/script&gt;",
    "<iframe src='https://example.org/x'></iframe><link rel=stylesheet href=//example.org/a.css>",
    "\u202egnp.exe\x1b[31m\x00\ud800",
    "../../etc/passwd", "CON", "W" * 300, "שלום ‏עולם", "名前 👩🏽‍🎓",
    "<table><tr><td></table></main></body></html>",
    "<meta http-equiv=refresh content='0;url=https://example.org'><base href=https://example.org>",
)  # fmt: skip


def made_up_class(count: int, seed: int = 0, **changes: Any) -> list[NewGrade]:
    """Grades of `count` students: a few without a mark, the others of every kind.

    Args:
        count: how many.
        seed: of everything.
        changes: keys of every graded record that are to be others, as `data="mnist"`.
    """
    draw, rubric = random.Random(seed), load_rubric()
    reference = load_reference(str(changes.get("data", "digits")))
    made = []
    for number in range(count):
        record = _record(draw, rubric, reference) | changes
        if draw.random() < 0.03:
            record = without_mark(record, "unusable", "skipped", "work.zip: it is no zip archive")
        elif draw.random() < 0.03:
            record = without_mark(record, "grader_error", "grader_error", "OSError: disk full")
        name = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        made.append(grade_of(f"s{1000 + number}", name, record))
    return made


def hostile_class() -> list[NewGrade]:
    """A student for each hostile text, which stands wherever a student can write."""
    made = []
    for number, text in enumerate(HOSTILE):
        record = _record(random.Random(number), load_rubric(), load_reference("digits"))
        for task in record["tasks"]:
            for check in task["checks"]:
                if check["status"] != "passed":
                    check["message"] = f"{text}\n{text}"
        record |= {"flags": [text], "notes": [text], "submission": {"name": text, "sha256": SHA}}
        if number % 7 == 6:
            record = without_mark(record, "unusable", "skipped", text)
        made.append(grade_of(f"{number} {text}", text, record))
    return made


def grade_of(student: str, name: str, record: dict[str, Any]) -> NewGrade:
    """A grade of such a record."""
    key = GradeKey(record["submission"]["sha256"], "a" * 64, "b" * 64)
    return NewGrade(student, name, "", f"{student}.zip", key, record)


def without_mark(record: dict[str, Any], status: str, check: str, why: str) -> dict[str, Any]:
    """The record as it is where no check was run."""
    tasks = [
        task | {"score": 0.0, "checks": [
            one | {"status": check, "score": 0.0, "message": why} for one in task["checks"]
        ]}
        for task in record["tasks"]
    ]  # fmt: skip
    return record | {
        "status": status, "score": 0.0, "tasks": tasks, "metrics": None, "reference": None,
        "flags": [],
    }  # fmt: skip


def fill(path: Path, grades: Iterable[NewGrade]) -> Path:
    """A gradebook with these grades."""
    with Gradebook(path, clock=lambda: "2026-11-20T12:00:00Z") as book:
        for grade in grades:
            book.add(grade)
    return path


SHA = "ab" * 32


def _record(
    draw: random.Random, rubric: Rubric, reference: dict[str, Any] | None
) -> dict[str, Any]:
    skill = draw.betavariate(4, 1.5)
    tasks = []
    for task in rubric.tasks:
        checks = [_check(draw, entry, skill) for entry in task.checks]
        score, most = (round(sum(one[key] for one in checks), 2) for key in ("score", "max_score"))
        tasks.append({"id": task.id, "title": task.title, "score": score, "max_score": most,
                      "checks": checks})  # fmt: skip
    known, unknown = (min(1.0, draw.gauss(0.80 + 0.17 * skill, 0.02)) for _ in range(2))
    metrics = {
        "known_accuracy": known, "unknown_accuracy": unknown,
        "total_accuracy": (known + unknown) / 2, "closed_set_accuracy": min(1.0, known + 0.02),
        "auroc": draw.choice([None, 0.5 + skill / 2]),
        "per_family": {"letters": unknown, "noise": 1.0, "patches": unknown},
    }  # fmt: skip
    return {
        "schema": "osr-grade/1",
        "submission": {"name": "work", "sha256": f"{draw.getrandbits(256):064x}"},
        "data": "digits", "tier": "public",
        "score": round(sum(task["score"] for task in tasks), 2),
        "max_score": sum(task["max_score"] for task in tasks), "status": "graded",
        "sandbox": "bwrap", "tasks": tasks, "metrics": metrics if skill > 0.4 else None,
        "memorisation": None, "flags": [], "training": {"wall_s": 20.0, "cpu_s": 15.0},
        "reference": reference, "environment": {"python": "3.11.7", "versions": {"torch": "2.13"}},
        "notes": [], "not_run": ["hidden test data"], "started_at": "2026-11-20T12:00:00Z",
        "duration_s": 12.5,
    }  # fmt: skip


def _check(draw: random.Random, entry: Any, skill: float) -> dict[str, Any]:
    status, score, message = "passed", entry.points, ""
    if draw.random() > skill:
        status = draw.choice([*LOST, "failed", "failed", "partial"])
        score = round(entry.points * draw.random(), 2) if status == "partial" else 0.0
        message = LOST.get(status, "81.20 % of the known digits; full marks from 90 %").format(
            cause=entry.cause, line=draw.randrange(10, 60)
        )
    return {
        "id": entry.id, "title": entry.title, "status": status, "score": score,
        "max_score": entry.points, "message": message,
        "hint": "" if status == "passed" else entry.hints[0],
        "duration_s": round(draw.random(), 3), "visibility": "visible",
    }  # fmt: skip
