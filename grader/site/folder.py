"""The folder of a site: written aside, renamed into place, and never put over others' files."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..text import one_line

MARKER = "open-set-lab-site.json"  # lists what is ours, so that nothing else is ever removed
SCHEMA = "osr-site/1"
DESKTOPS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})  # left by looking at a folder
Files = Iterable[tuple[str, bytes]]


def check_place(path: Path) -> Path:
    """Say before the work what is wrong with the place for a site.

    Args:
        path: the folder; it need not be there.

    Returns:
        It, with links followed.

    Raises:
        UsageError: it is no folder, holds files that are not of a site, or cannot be written to.
    """
    try:
        place = path.resolve()
        if place.exists() and not place.is_dir():
            raise UsageError(f"-o {path}: it is no folder; name another")
        if not place.parent.is_dir():
            raise UsageError(f"-o {path}: the folder around it is not there; make it first")
        if place.is_dir():
            _refuse_foreign(path, place)
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in its name, a ring of links
        raise _cannot_write(path, error) from None
    if not os.access(place.parent, os.W_OK):
        raise UsageError(f"-o {path}: the folder around it cannot be written to; name another")
    return place


def write_site(path: Path, files: Files) -> int:
    """Write a site, whole or not at all; a site that is there gives way, anything else stays.

    A new site is readable by its owner alone, for it holds names and marks; one that takes the
    place of another keeps its rights.

    Args:
        path: the folder.
        files: names below it, with forward slashes, and contents.

    Returns:
        How many bytes were written.

    Raises:
        UsageError: as `check_place`, or the disk is full.
    """
    place = check_place(path)
    try:
        part = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))
    except OSError as error:
        raise _cannot_write(path, error) from None
    try:
        size = _fill(part, files)
        check_place(path)  # somebody may have put a file there meanwhile
        _swap(part, place)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return size


def _fill(folder: Path, files: Files) -> int:
    names, size = [], 0
    for name, content in files:
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        names.append(name)
        size += len(content)
    marker = json.dumps({"schema": SCHEMA, "files": sorted([*names, MARKER])}, indent=1) + "\n"
    (folder / MARKER).write_text(marker, encoding="utf-8")
    return size + len(marker)


def _swap(part: Path, place: Path) -> None:
    """Give the new folder its name; where that fails the old one has it again."""
    if not place.exists():
        part.rename(place)
        return
    part.chmod(place.stat().st_mode & 0o777)
    old = part.with_suffix(".old")
    place.rename(old)
    try:
        part.rename(place)
    except BaseException:
        with contextlib.suppress(OSError):
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _refuse_foreign(path: Path, place: Path) -> None:
    """A folder that is empty, or holds what a site of ours wrote and nothing else, may go."""
    if not any(place.iterdir()):
        return
    ours = _listed(place / MARKER)
    if not ours:  # it may be somebody's home: it is not even looked through
        raise UsageError(
            f"-o {path}: this folder is not empty, and no site of this command; name another"
        )
    names = (entry.relative_to(place).as_posix() for entry in _walk(place))
    for name in names:
        if name not in ours and name.rpartition("/")[2] not in DESKTOPS:
            raise UsageError(
                f"-o {path}: {one_line(name, 80)} in it is not of the site that was made there; "
                "move it away, or name another folder"
            )


def _walk(folder: Path) -> Iterator[Path]:
    """Whatever is no plain folder; an empty folder too, which a site has none of."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink() and any(entry.iterdir()):
            yield from _walk(entry)
        else:
            yield entry


def _listed(marker: Path) -> set[str]:
    try:
        data: Any = json.loads(marker.read_text(encoding="utf-8"))
        return set(map(str, data["files"])) if data["schema"] == SCHEMA else set()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


def _cannot_write(path: Path, error: Exception) -> UsageError:
    reason = getattr(error, "strerror", None) or error
    return UsageError(f"-o {one_line(str(path))}: the site cannot be written there ({reason})")
