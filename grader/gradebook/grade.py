"""A grade as the gradebook holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GradeKey:
    """What a mark follows from, each as a SHA-256 in hex: identical work has an identical key.

    Attributes:
        submission: the modules and weights as they are graded, `record["submission"]["sha256"]`.
        grader: checks, rubric, given files and whatever else of the grader a mark depends on.
        data: the profile and, with a hidden bundle, its bytes.
    """

    submission: str
    grader: str
    data: str


@dataclass(frozen=True)
class NewGrade:
    """A grade to be kept.

    Attributes:
        student: an id, unique in the gradebook.
        name: to show; "" where it is not known.
        attempt: which attempt of theirs; "" where there is one only.
        source: name of the file or folder it came from.
        key: what the mark follows from.
        record: of schema osr-grade/1.
    """

    student: str
    name: str
    attempt: str
    source: str
    key: GradeKey
    record: dict[str, Any]

    @property
    def is_final(self) -> bool:
        """Whether it counts: a fault of the grader's own does not."""
        return bool(self.record["status"] == "graded")


@dataclass(frozen=True)
class Adjustment:
    """What an instructor decided beside the automatic mark.

    Attributes:
        points: the final score; or, where `relative`, what is added to the automatic mark.
        relative: whether they are added, so that a regrade moves the final score along.
        reason: why, in the instructor's words.
        by: who; "" where that was not said.
        at: when, UTC, ISO 8601.
    """

    points: float
    relative: bool
    reason: str
    by: str
    at: str

    @property
    def words(self) -> str:
        """What it does, as in "add -10" or "set to 70"."""
        return f"add {self.points:g}" if self.relative else f"set to {self.points:g}"


@dataclass(frozen=True)
class Grade(NewGrade):
    """A grade that was kept.

    Attributes:
        id: its number in the gradebook; a newer grade has a higher one.
        graded_at: when it was kept, UTC, ISO 8601.
        run: the number of the batch that it came with.
        adjustment: the student's adjustment in force; None where there is none.
    """

    id: int
    graded_at: str
    run: int = 0
    adjustment: Adjustment | None = None

    @property
    def score(self) -> float | None:
        """The automatic mark; None where the grader itself failed."""
        return float(self.record["score"]) if self.is_final else None

    @property
    def final_score(self) -> float | None:
        """The mark with the adjustment, at least 0; None where there is neither."""
        if self.adjustment is None:
            return self.score
        base = (self.score or 0.0) if self.adjustment.relative else 0.0
        return max(0.0, round(base + self.adjustment.points, 2))
