"""Files that commands write: looked at before the work, written whole after it."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import UsageError


def check_target(option: str, path: Path | None, suffix: str = "") -> None:
    """Say before the work what is wrong with the place for its result.

    Args:
        option: which names it.
        path: the file; None: none was asked for.
        suffix: what its name has to end in.

    Raises:
        UsageError: it has another name, is no regular file, or its folder cannot be written to.
    """
    if path is None:
        return
    if suffix and path.suffix.lower() != suffix:
        raise UsageError(f"{option} {path}: it is written as {suffix}; give it such a name")
    if path.exists() and not path.is_file():
        raise UsageError(f"{option} {path}: it is no regular file; name another")
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: its folder is not there; make it first")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{option} {path}: its folder cannot be written to")


def write_picture(path: Path, content: bytes) -> None:
    """Write a picture, whole or not at all."""
    from datasets.files import write_whole

    write_whole(path, lambda file: file.write(content))
