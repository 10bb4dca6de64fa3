"""What there is to grade: one student's one attempt, and what was found and cannot be graded."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from ..text import one_line

LONGEST_NAME = 200


@dataclass(frozen=True)
class Work:
    """One attempt of one student, as a layout has found it.

    Attributes:
        student: the id that the gradebook keeps it under.
        name: to show; "" where the layout knows none.
        attempt: which of the student's attempts; "" where there is one only.
        source: what it is called in the batch's folder.
        path: the folder, archive or notebook; of loose files, the folder they lie in.
        loose: where the files were handed in one by one: what each is called as part of a
            submission, and where it lies.
    """

    student: str
    name: str
    attempt: str
    source: str
    path: Path
    loose: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True)
class Refused:
    """Something in the batch's folder that nobody gets a grade for, and why.

    Attributes:
        source: what it is called there.
        reason: in words.
        student: the id that it has; "" where none can be told.
        name: as `Work`.
    """

    source: str
    reason: str
    student: str = ""
    name: str = ""


@dataclass(frozen=True)
class Found:
    """All that a layout found.

    Attributes:
        works: every attempt of every student, a student's own from the first to the last.
        refused: what cannot be graded, for there is nobody to give the grade to.
        skipped: names that are no submissions at all, for a note.
    """

    works: tuple[Work, ...]
    refused: tuple[Refused, ...] = ()
    skipped: tuple[str, ...] = ()


def plain_text(name: str) -> str:
    """A name from outside as it is kept: one spelling, no control characters, not long."""
    return one_line(unicodedata.normalize("NFC", name).strip(), LONGEST_NAME)
