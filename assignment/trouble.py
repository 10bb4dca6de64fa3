"""Say in one line what went wrong in a student's code, and where. Given, not graded."""

from __future__ import annotations

import traceback
from pathlib import Path

STUDENT_FILES = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")


def is_open_task(error: BaseException) -> bool:
    """Tell an unfilled stub from torch's own NotImplementedError (an operation, a device)."""
    return isinstance(error, NotImplementedError) and str(error).startswith("task ")


def describe(error: BaseException, folder: Path) -> str:
    """Name the file and the line of the student's code that an exception came through.

    Args:
        error: as it was caught.
        folder: the assignment's.

    Returns:
        One line: where, and what. The place is the innermost one in the five files, else in any
        file of the folder; without one, only what.
    """
    message = " ".join(str(error).split()) or "no message"
    what = message if is_open_task(error) else f"{type(error).__name__}: {message}"
    places = [(Path(f.filename), f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((Path(error.filename), error.lineno))  # it never ran, so it has no frame
    inside = [place for place in places if place[0].parent == folder]
    theirs = [place for place in inside if place[0].stem in STUDENT_FILES]
    for file, line in reversed(theirs or inside):
        return f"{folder.name}/{file.name}, line {line}: {what}"
    return what
