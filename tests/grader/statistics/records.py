"""Records of a made-up class, as the grader and the batch write them."""

from __future__ import annotations

from typing import Any

from grader.gradebook import GradeKey, NewGrade

METRICS = {
    "known_accuracy": 0.95, "unknown_accuracy": 0.9, "total_accuracy": 0.92,
    "closed_set_accuracy": 0.98, "auroc": 0.97, "per_family": {"letters": 0.8, "noise": 1.0},
}  # fmt: skip


def check(
    name: str, status: str = "passed", score: float = 2.0, message: str = ""
) -> dict[str, Any]:
    return {
        "id": f"threshold.{name}", "title": f"Title of {name}", "status": status, "score": score,
        "max_score": 2.0, "message": message, "hint": "", "duration_s": 0.1,
        "visibility": "visible",
    }  # fmt: skip


def record(*checks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    checks = checks or (check("a"),)
    score, top = (sum(one[key] for one in checks) for key in ("score", "max_score"))
    task = {"id": "threshold", "title": "Adaptive threshold", "score": score, "max_score": top,
            "checks": list(checks)}  # fmt: skip
    made = {
        "schema": "osr-grade/1", "submission": {"name": "s", "sha256": "0" * 64}, "data": "digits",
        "tier": "public", "score": score, "max_score": top, "status": "graded",
        "sandbox": "bwrap", "tasks": [task], "metrics": METRICS, "memorisation": None,
        "flags": [], "training": {"wall_s": 20.0, "cpu_s": 15.0}, "reference": None,
        "environment": {}, "notes": [], "not_run": ["hidden test data"],
        "started_at": "2026-11-20T12:00:00Z", "duration_s": 30.0,
    }  # fmt: skip
    return made | changes


def new_grade(student: str, made: dict[str, Any], name: str = "") -> NewGrade:
    key = GradeKey(made["submission"]["sha256"], "a" * 64, "b" * 64)
    return NewGrade(student, name, "", student, key, made)


def with_sha(letter: str) -> dict[str, Any]:
    return {"submission": {"name": "s", "sha256": letter * 64}}
