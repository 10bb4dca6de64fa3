"""Where pages go: a folder that is there and can be written to before anything is graded."""

from __future__ import annotations

import os
from pathlib import Path

from datasets.errors import DataError
from datasets.files import write_whole

from ..errors import GraderError, UsageError
from ..text import one_line

PAGE = "report.html"


def make_folder(folder: Path) -> Path:
    """The folder of `--report`, made where it is missing.

    Raises:
        UsageError: it cannot be made, is none, or cannot be written to.
    """
    name = f"--report {one_line(str(folder), 1000)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"{name}: it is no folder; name one, or one to be made") from None
    except OSError as error:
        raise UsageError(f"{name}: it cannot be made ({error.strerror})") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{name}: it cannot be written to")
    return folder


def save_page(folder: Path, name: str, page: str) -> Path:
    """Write a page, whole or not at all; returns its path.

    Raises:
        GraderError: the machine fails: the folder could be written to before.
    """
    path = folder / name
    try:
        write_whole(path, lambda file: file.write(page.encode("utf-8", "backslashreplace")))
    except DataError as error:
        raise GraderError(str(error)) from None
    return path
