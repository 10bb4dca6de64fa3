"""A folder of submissions: each entry is a student's, and its name is the student's id.

A student's folder may hold several attempts instead: archives, or folders or notebooks named by a
number.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...intake.names import is_notebook
from ..candidates import entries, handed_in, is_packed, may_be_alone, shown, stem
from ..work import Found, Work, plain_text

ATTEMPT = re.compile(r"(?:attempt|try|submission|v)?[-_ ]?[0-9]+", re.IGNORECASE)


def read(root: Path) -> Found:
    """Every student's attempts."""
    works: list[Work] = []
    skipped = []
    for path in entries(root):
        if path.is_dir() or may_be_alone(path):
            works += _read_entry(path, root)
        else:
            skipped.append(plain_text(path.name))
    return Found(tuple(works), skipped=tuple(skipped))


def _read_entry(path: Path, root: Path) -> list[Work]:
    student = plain_text(stem(path))
    attempts = _attempts(path) if path.is_dir() else []
    if not attempts:
        return [Work(student, "", "", shown(path, root), path)]
    if len(attempts) == 1:
        return [Work(student, "", "", shown(attempts[0], root), attempts[0])]
    return [
        Work(student, "", plain_text(stem(attempt)), shown(attempt, root), attempt)
        for attempt in attempts
    ]


def _attempts(folder: Path) -> list[Path]:
    """The attempts in a student's folder; none where it is itself the submission."""
    try:
        held = handed_in(folder)
    except OSError:  # opening it says why
        return []
    if any(path.suffix == ".py" for path in held):
        return []
    packed = [path for path in held if is_packed(path)]
    notebooks = [path for path in held if is_notebook(path) and not path.is_dir()]
    folders = [path for path in held if path.is_dir()]
    if notebooks:  # of two with other names one may be notes, which is not for the grader to guess
        numbered = all(ATTEMPT.fullmatch(stem(path)) for path in notebooks)
        return notebooks if numbered and len(notebooks) > 1 and not packed and not folders else []
    if packed and not folders:
        return packed
    if folders and not packed and all(ATTEMPT.fullmatch(path.name) for path in folders):
        return folders
    return []
