"""Files that commands write: looked at before the work, written whole after it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from ..errors import GraderError, UsageError

STDOUT = Path("-")


def check_target(option: str, path: Path | None, suffix: str = "") -> None:
    """Say before the work what is wrong with the place for its result.

    Args:
        option: which names it.
        path: the file; None: none was asked for; `-`: standard output.
        suffix: what its name has to end in.

    Raises:
        UsageError: it has another name, is no regular file, or its folder cannot be written to.
    """
    if path is None or path == STDOUT:
        return
    if suffix and path.suffix.lower() != suffix:
        raise UsageError(f"{option} {path}: it is written as {suffix}; give it such a name")
    if path.exists() and not path.is_file():
        raise UsageError(f"{option} {path}: it is no regular file; name another")
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: its folder is not there; make it first")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{option} {path}: its folder cannot be written to")


def write_data(path: Path, data: dict[str, Any]) -> None:
    """Write JSON to a file, whole or not at all, or to standard output."""
    from ..record import write_json

    if path == STDOUT:
        print_json(data)
    else:
        write_json(path, data)


def print_json(data: dict[str, Any]) -> None:
    """Print JSON in ASCII, which every encoding has.

    Raises:
        GraderError: nobody reads it, or the disk behind it is full.
    """
    try:
        sys.stdout.write(json.dumps(data, indent=2, allow_nan=False) + "\n")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes again
        raise GraderError(f"the result cannot be printed ({error.strerror})") from None


def output_beside(path: Path | None) -> TextIO:
    """Where the human part goes: standard error where standard output is for the data."""
    return sys.stderr if path == STDOUT else sys.stdout


def write_picture(path: Path, content: bytes) -> None:
    """Write a picture, whole or not at all."""
    from datasets.files import write_whole

    write_whole(path, lambda file: file.write(content))
