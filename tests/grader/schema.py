"""What `--json` promises (schema osr-grade/1), checked by hand so that no key slips in unseen."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

from grader.record import STATUSES

TOP = {
    "schema", "submission", "data", "tier", "score", "max_score", "status", "sandbox", "tasks",
    "metrics", "reference", "environment", "started_at", "duration_s",
}  # fmt: skip
MORE = {"notes", "training", "not_run", "memorisation", "flags"}  # added to the design's list
TASK = {"id", "title", "score", "max_score", "checks"}
CHECK = {
    "id", "title", "status", "score", "max_score", "message", "hint", "duration_s", "visibility",
}  # fmt: skip
METRICS = {
    "known_accuracy", "unknown_accuracy", "total_accuracy", "closed_set_accuracy", "auroc",
    "per_family",
}  # fmt: skip


def load_strict(text: str) -> dict[str, Any]:
    """Parse JSON that has no nan or infinity in it."""

    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is not JSON")

    data = json.loads(text, parse_constant=refuse)
    assert isinstance(data, dict)
    return data


def assert_schema(data: dict[str, Any]) -> None:
    """Fail unless `data` is a grade as the design describes it, and adds up."""
    assert set(data) == TOP | MORE
    assert data["schema"] == "osr-grade/1"
    assert set(data["submission"]) == {"name", "sha256"}
    assert len(data["submission"]["sha256"]) == 64
    assert data["data"] in ("digits", "mnist")
    assert data["tier"] in ("public", "hidden")
    assert data["status"] in ("graded", "grader_error")
    assert data["sandbox"] in ("plain", "bwrap")
    assert datetime.datetime.fromisoformat(data["started_at"].replace("Z", "+00:00")).tzinfo
    assert data["duration_s"] >= 0
    for task in data["tasks"]:
        assert set(task) == TASK
        assert task["checks"], f"{task['id']} has no checks"
        for check in task["checks"]:
            assert set(check) == CHECK
            assert check["status"] in STATUSES
            assert check["id"].startswith(f"{task['id']}.")
            assert 0 <= check["score"] <= check["max_score"]
            assert check["visibility"] in ("visible", "hidden")
            assert (check["score"] == check["max_score"]) == (check["status"] == "passed")
            assert check["score"] == 0 or check["status"] in ("passed", "partial")
        for key in ("score", "max_score"):
            total = sum(check[key] for check in task["checks"])
            assert math.isclose(task[key], total, abs_tol=1e-9), task["id"]
    assert all(isinstance(flag, str) and flag for flag in data["flags"])
    if data["memorisation"] is not None:
        assert data["tier"] == "hidden"
        assert set(data["memorisation"]) == {
            "public_known_accuracy", "hidden_known_accuracy", "limit",
        }  # fmt: skip
    for key in ("score", "max_score"):
        assert math.isclose(data[key], sum(task[key] for task in data["tasks"]), abs_tol=1e-9)
    if data["metrics"] is not None:
        assert set(data["metrics"]) == METRICS
        for name, value in data["metrics"].items():
            fractions = value.values() if name == "per_family" else [value]
            assert all(part is None or 0 <= part <= 1 for part in fractions), name
