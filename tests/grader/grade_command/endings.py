"""What the tests of the command share: what to grade, and what to expect of how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.grader.schema import assert_schema, load_strict

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "solutions" / "reference"
CODE_TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")

Run = Callable[..., Any]  # returns Click's result, which Typer does not export by name


def run_module(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def assert_usage_error(result: Any, *words: str) -> None:
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, f"not one line: {lines}"
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"
    assert not result.stdout.strip()


def graded(run: Run, submission: Path, *options: str) -> dict[str, Any]:
    """Grade with `--json` and return the validated record."""
    target = submission.parent / "record.json"
    result = run(submission, "--data", "digits", "--json", target, *options)
    assert result.exit_code == 0, result.output
    data = load_strict(target.read_text(encoding="utf-8"))
    assert_schema(data)
    return data


def task_options(*tasks: str) -> list[str]:
    return [part for task in tasks for part in ("--task", task)]


def checks_of(data: dict[str, Any], task: str) -> list[dict[str, Any]]:
    return next(entry["checks"] for entry in data["tasks"] if entry["id"] == task)


def assert_all(data: dict[str, Any], task: str, status: str, *words: str) -> None:
    """Every check of the task has this status, and a message with these words."""
    for check in checks_of(data, task):
        assert check["status"] == status, f"{check['id']}: {check['status']}, {check['message']}"
        for word in words:
            assert word in check["message"], f"{check['id']}: {check['message']!r}"


def without_times(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what differs from run to run."""
    tasks = [
        {**task, "checks": [{**check, "duration_s": 0} for check in task["checks"]]}
        for task in record["tasks"]
    ]
    return {**record, "tasks": tasks, "started_at": "", "duration_s": 0, "training": None}
