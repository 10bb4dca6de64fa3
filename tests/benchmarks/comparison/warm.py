"""Gradings as in a batch: each forked, its worker forked from a warmed process into a box.

`python -m tests.benchmarks.comparison.warm SUBMISSION TASK ...` grades as often as it is asked.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from grader.batch.isolated import grade_apart
from grader.grading import grade
from grader.plan import Plan
from grader.sandbox import WarmSandbox, choose_sandbox
from grader.staging import given_files
from grader.submission import open_submission

from .answering import answer, own_output

LIMIT_S = 600.0


def main(path: Path, tasks: tuple[str, ...]) -> None:
    """Warm up, then grade when asked."""
    answers = own_output()
    sandbox, _ = choose_sandbox("require", warm=True)
    assert isinstance(sandbox, WarmSandbox)
    submission = open_submission(path, given_files())
    plan = Plan(path, data="digits", tasks=tasks, sandbox="require")

    def record() -> dict[str, Any]:
        return {"record": grade(plan, sandbox=sandbox, submission=submission).to_json()}

    def once() -> float:
        started = time.perf_counter()
        found = grade_apart(record, LIMIT_S)
        taken = time.perf_counter() - started
        if "record" not in found:
            raise SystemExit(found["fault"])
        lost = [
            check["id"]
            for task in found["record"]["tasks"]
            if task["id"] in tasks
            for check in task["checks"]
            if check["status"] != "passed"
        ]
        if lost or "forked" not in found["record"]["environment"]["isolation"]:
            raise SystemExit(f"lost {lost}, {found['record']['environment']['isolation']}")
        return taken

    with sandbox:
        sandbox.wait_until_warm()
        answer(once, sys.stdin, answers)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]))
