"""Which checks a class passes, and what most of those who do not have done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..text import one_line

CAUSE = "Likely cause: "  # what the recorder puts before the rubric's cause
SHOWN = 3  # diagnoses of a check
# A number that stands alone: not the 2 of Conv2d, nor the 1 of fc1.
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|nan|inf)(?!\w)(?!\.\d)")
ROW_OF_NUMBERS = re.compile(r"#(?:, ?#)+")


@dataclass(frozen=True)
class CheckStatistics:
    """One check over a class.

    Attributes:
        id: TASK.NAME.
        title: what it looks at.
        count: how many submissions it was run on, skipped ones included.
        statuses: how many ended with each status.
        share: mean share of its points that was earned, in [0, 1].
        diagnoses: the commonest reasons for lost points, with how many submissions they hit.
    """

    id: str
    title: str
    count: int
    statuses: dict[str, int]
    share: float
    diagnoses: tuple[tuple[str, int], ...]

    @property
    def pass_rate(self) -> float:
        """The share of submissions that passed it, in [0, 1]."""
        return self.statuses.get("passed", 0) / self.count


def check_statistics(records: Iterable[dict[str, Any]]) -> list[CheckStatistics]:
    """Sum up the checks of graded records, in the order in which they first occur.

    A check that met a fault of the grader's own does not count.
    """
    results: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        for task in record["tasks"]:
            for check in task["checks"]:
                if check["status"] != "grader_error":
                    results.setdefault(check["id"], []).append(check)
    return [_sum_up(name, checks) for name, checks in results.items()]


def diagnosis(check: dict[str, Any]) -> str:
    """The class of a failure: the rubric's cause where one was given, else the message.

    What differs from student to student is taken out, so that equal mistakes count together:
    numbers become `#`, a row of them `#…`.
    """
    message = str(check["message"]).strip()
    if CAUSE in message:
        return one_line(message.rsplit(CAUSE, 1)[1])
    if check["status"] == "not_implemented":
        return "not implemented yet"
    first = message.splitlines()[0] if message else str(check["status"])
    return one_line(ROW_OF_NUMBERS.sub("#…", NUMBER.sub("#", first)))


def _sum_up(name: str, checks: list[dict[str, Any]]) -> CheckStatistics:
    lost = Counter(diagnosis(check) for check in checks if check["status"] != "passed")
    shares = [check["score"] / check["max_score"] for check in checks if check["max_score"] > 0]
    return CheckStatistics(
        id=name,
        title=str(checks[-1]["title"]),
        count=len(checks),
        statuses=dict(Counter(str(check["status"]) for check in checks)),
        share=sum(shares) / len(shares) if shares else 0.0,
        diagnoses=tuple(sorted(lost.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]),
    )
