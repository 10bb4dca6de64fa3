"""Classroom 50's `result.json`, which has whole points only.

The total is the record's, rounded to the nearest whole number, a half upwards; the checks share it
by largest remainders, so that they add up to it. A check that is not passed may so show all of its
points (4.6 of 5 as 5), or a lost tenth show nowhere; `passed` says which are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import GraderError, UsageError
from .checks import all_checks, fault, is_final
from .escape import dump_json
from .student_copy import for_student

VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def render(record: dict[str, Any], environment: Mapping[str, str]) -> str:
    """The file.

    Raises:
        UsageError: the environment is not that of Classroom 50's runner.
        GraderError: the record is no grade: the runner takes a missing file and an exit code that
            is not 0 for a fault of the infrastructure, and has no other way to be told.
    """
    check_environment(environment)
    if not is_final(record):
        raise GraderError(fault(for_student(record)))
    checks = all_checks(record)
    highest = share([c["max_score"] for c in checks], record["max_score"])
    scores = share([c["score"] for c in checks], record["score"], highest)
    tests = [
        {
            "test-name": check["id"],
            "passed": check["status"] == "passed",
            "score": score,
            "max-score": most,
        }
        for check, score, most in zip(checks, scores, highest, strict=True)
    ]
    made = {
        "schema": "classroom50/result/v1",
        **{key: environment[name] for key, name in VARIABLES.items()},
        "datetime": record["started_at"],
        "score": sum(scores),
        "max-score": sum(highest),
        "tests": tests,
    }
    return dump_json(made, indent=2)


def check_environment(environment: Mapping[str, str]) -> None:
    """Do nothing where the runner's variables are all there.

    Raises:
        UsageError: some are not.
    """
    missing = [name for name in VARIABLES.values() if not environment.get(name)]
    if missing:
        raise UsageError(
            f"classroom50: {', '.join(missing)} not set; Classroom 50's runner sets them"
        )


def share(parts: Sequence[float], total: float, caps: Sequence[int] | None = None) -> list[int]:
    """Whole numbers near `parts` that add up to `total`, rounded with a half upwards.

    Args:
        parts: not negative, with hundredths at most; they add up to about `total`.
        total: what is shared.
        caps: the most that each may get; their sum is at least `total`, rounded. None: the next
            whole number above each part.
    """
    hundredths = [round(100 * part) for part in parts]
    most = [math.ceil(h / 100) for h in hundredths] if caps is None else list(caps)
    given = [h // 100 for h in hundredths]
    left = (round(100 * total) + 50) // 100 - sum(given)
    by_remainder = sorted(range(len(parts)), key=lambda i: -(hundredths[i] % 100))
    while left > 0:
        before = left
        for i in by_remainder:
            if left > 0 and given[i] < most[i]:
                given[i] += 1
                left -= 1
        if left == before:
            raise ValueError(f"{total} cannot be shared over {parts} within {most}")
    return given
