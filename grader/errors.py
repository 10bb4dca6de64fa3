"""Everything that can end a grade or a check, by whose fault it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

EXIT_BELOW, EXIT_USAGE, EXIT_GRADER = 1, 2, 3


class UsageError(Exception):
    """The command or the submission cannot be used; one line says why. Exit code 2."""


class GraderError(Exception):
    """The grader itself failed. Exit code 3; never a student's zero."""


class Mismatch(AssertionError):  # noqa: N818 (it is a verdict)
    """A check's verdict: the student's code does something else than the task asks for.

    Attributes:
        message: one or two sentences for the student.
        explained: whether they name the mistake; else the rubric's likely cause is added.
    """

    def __init__(self, message: str, *, explained: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.explained = explained


@dataclass
class StudentFailure(Exception):  # noqa: N818 (it is a verdict)
    """The student's code did not return at all.

    Attributes:
        message: one line for the student.
    """

    message: str
    status: ClassVar[str] = "error"

    def __str__(self) -> str:
        return self.message


class Raised(StudentFailure):
    """It raised an exception."""


class Unusable(Raised):
    """Its module does not import, or lacks what a check calls: a check's hints would mislead."""


class Tampered(Raised):
    """It replaced what the worker's answers rest on, so the worker is not asked again."""


class NotImplementedYet(StudentFailure):
    """The stub is still there."""

    status = "not_implemented"


class TimedOut(StudentFailure):
    """It used up its CPU or wall time."""

    status = "timeout"


class Asleep(TimedOut):
    """It used up its wall time and hardly any CPU time: it waits for something, or has stopped."""


class Crashed(StudentFailure):
    """The worker died, or sent what is not a reply."""

    status = "crashed"


class OutOfMemory(StudentFailure):
    """It wanted more memory than the limit."""

    status = "out_of_memory"
