"""Records and grades as short as they can be."""

from __future__ import annotations

from typing import Any

from grader.gradebook import GradeKey, NewGrade

FULL = {"threshold.statistics": 10.0, "threshold.strict": 5.0, "accuracy.known": 20.0}


def make_record(
    scores: dict[str, float] | None = None, *, status: str = "graded", hidden: bool = False
) -> dict[str, Any]:
    """A record with three checks, full marks where nothing else is said; 35 points in all."""
    checks = []
    for name, full in FULL.items():
        score = (scores or {}).get(name, full)
        checks.append(
            {
                "id": name,
                "title": f"Title of {name}",
                "status": "passed" if score == full else "partial" if score else "failed",
                "score": score,
                "max_score": full,
                "message": "" if score == full else "it is wrong",
                "hint": "",
                "duration_s": 0.1,
                "visibility": "hidden" if hidden and name.startswith("accuracy") else "visible",
            }
        )
    if status == "grader_error":
        checks[0] |= {"status": "grader_error", "score": 0.0}
    tasks = []
    for task, title in (("threshold", "Threshold"), ("accuracy", "Open-set accuracy")):
        mine = [check for check in checks if check["id"].startswith(task)]
        tasks.append(
            {
                "id": task,
                "title": title,
                "score": sum(check["score"] for check in mine),
                "max_score": sum(check["max_score"] for check in mine),
                "checks": mine,
            }
        )
    return {
        "schema": "osr-grade/1",
        "submission": {"name": "work", "sha256": "0" * 64},
        "data": "digits",
        "tier": "hidden" if hidden else "public",
        "score": sum(task["score"] for task in tasks),
        "max_score": sum(task["max_score"] for task in tasks),
        "status": status,
        "sandbox": "bwrap",
        "tasks": tasks,
        "metrics": None,
        "training": None,
        "reference": None,
        "flags": [],
        "not_run": [],
        "started_at": "2026-11-20T12:00:00Z",
        "duration_s": 1.0,
    }


def make_grade(
    student: str = "ada", work: str = "w1", *, grader: str = "g1", **more: Any
) -> NewGrade:
    """A grade of `work` by `student`."""
    record = more.pop("record", None) or make_record()
    values = {"name": "", "attempt": "", "source": f"{student}.zip"} | more
    return NewGrade(student=student, key=GradeKey(work, grader, "d1"), record=record, **values)
