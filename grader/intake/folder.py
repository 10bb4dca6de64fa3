"""Reading a folder: regular files alone; no link is followed, no pipe or device is waited for."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from . import limits
from .collect import LINK, Intake
from .names import MODULES, is_hidden, normal

MOST_NAMED = 100  # entries of a folder that is not read
# Windows has none of the first two, and only Windows has the last one.
FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_folder(root: Path, intake: Intake) -> None:
    """Take what may be wanted in a folder and below it."""
    _read(root, PurePosixPath(), intake)


def open_regular(path: Path, flags: int = FLAGS) -> BinaryIO | None:
    """The file opened to read; None where there is something else than a regular file.

    What was opened is looked at, not what had the name before.
    """
    try:
        file = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, or a socket
            return None
        raise
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        return None
    return file


def _read(folder: Path, inside: PurePosixPath, intake: Intake) -> None:
    files, folders = _list(folder, intake)
    for name, entry in sorted(files.items()):
        regular, link = entry
        if wanted := intake.admit(inside / normal(name), regular=regular, link=link):
            _take(folder / name, wanted, intake)
    holds_all = all(f"{module}.py" in files for module in MODULES)
    for name in sorted(folders):
        if is_hidden(PurePosixPath(name)):
            continue
        if holds_all or len(inside.parts) == limits.MAX_DEPTH:
            _name_code(folder / name, inside / normal(name), intake)
        else:
            _read(folder / name, inside / normal(name), intake)


def _name_code(folder: Path, inside: PurePosixPath, intake: Intake) -> None:
    """Name the code in a folder that is not read: plots and data are of no interest, that may be.

    Such a folder may be anything and of any size, so this looks at few files and goes no deeper.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        names = [entry.name for entry in itertools.islice(entries, MOST_NAMED)]
        for name in sorted(name for name in names if name.endswith(".py")):
            intake.leave(str(inside / normal(name)))


def _list(folder: Path, intake: Intake) -> tuple[dict[str, tuple[bool, bool]], list[str]]:
    """Files by name, with whether they are regular or links, and folders' names.

    Not more of them than are allowed.
    """
    files, folders = {}, []
    with os.scandir(folder) as entries:
        for entry in entries:
            intake.count(entry.name)
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                files[entry.name] = entry.is_file(follow_symlinks=False), entry.is_symlink()
    return files, folders


def _take(path: Path, inside: PurePosixPath, intake: Intake) -> None:
    file = open_regular(path)
    if file is None:  # it was a regular file when the folder was listed
        intake.leave(str(inside), LINK)
        return
    with file:
        intake.take(inside, os.fstat(file.fileno()).st_size, file.read)
