"""Temporary folders that say whose they are, so that none outlives its grading for long.

A grader that was killed cannot tidy up; the next one does it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil

PREFIX = "osr-grader"


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder, removed at the end with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{_family()}-{os.getpid()}-"))
    try:
        yield folder
    finally:
        remove_tree(folder)


def remove_leftovers() -> None:
    """Remove the folders of gradings whose process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}-{_family()}-*-*"):
        owner = folder.name.split("-")[3]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            remove_tree(folder)


def remove_tree(folder: Path) -> None:
    """Remove a folder that student code has filled, however deep and whatever is locked in it.

    What lies in a subfolder is moved up before the subfolder goes: `shutil.rmtree` goes down
    instead, until Python's stack or the length of a path ends.
    """
    waiting = [folder]
    while waiting:
        top = waiting.pop()
        with contextlib.suppress(OSError):
            top.chmod(0o700)
            for file in list(top.iterdir()):
                if file.is_symlink() or not file.is_dir():
                    file.unlink()
                else:
                    file.chmod(0o700)  # to move it is to change what it calls its parent
                    waiting.append(file.rename(folder / uuid.uuid4().hex))
            if top != folder:
                top.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _family() -> int:
    """Where process ids are counted: containers that share a folder count them each anew."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0
