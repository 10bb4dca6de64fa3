"""Which files of a folder were saved, by looking at it again and again.

Five files are looked at in no time, and a look works on every system, over SSH and on a network
drive, where a system's own notices do not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# An editor may empty a file, or put another in its place, before it has written it.
PATIENCE_S = 1.0


@dataclass(frozen=True)
class Stamp:
    """What tells one state of a file from another without reading it."""

    modified_ns: int
    changed_ns: int
    size: int
    number: int


Look = Mapping[str, Stamp]


def look(folder: Path, may_take: Callable[[str], bool]) -> dict[str, Stamp]:
    """The files that a grading would take, as they are now; none where the folder is gone."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if may_take(entry.name):
                    stamp = _stamp(entry)
                    if stamp is not None:
                        found[entry.name] = stamp
    except OSError:
        return {}
    return found


def _stamp(entry: os.DirEntry[str]) -> Stamp | None:
    """A file's state; None where it has gone meanwhile, or is none."""
    try:
        status = entry.stat()
        is_file = entry.is_file()
    except OSError:
        return None
    if not is_file:
        return None
    return Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


class Settling:
    """Tells a save that is done from one that is going on.

    Args:
        first: how the files are at the beginning.
    """

    def __init__(self, first: Look) -> None:
        self._accepted = self._last = dict(first)
        self._since = 0.0

    def update(self, now: Look, clock: float) -> frozenset[str]:
        """The names that differ from the last accepted state, once that has come to rest.

        Args:
            now: how the files are.
            clock: seconds, from any beginning.
        """
        if now != self._last:
            self._last, self._since = dict(now), clock
            return frozenset()
        names = self._accepted.keys() | now.keys()
        changed = {name for name in names if self._accepted.get(name) != now.get(name)}
        unfinished = any(name not in now or now[name].size == 0 for name in changed)
        if not changed or (unfinished and clock - self._since < PATIENCE_S):
            return frozenset()
        self._accepted = dict(now)
        return frozenset(changed)


class Contents:
    """Tells a file with other contents from one that was only saved again.

    Args:
        folder: where the files are.
        names: the files at the beginning.
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._folder = folder
        self._known = {name: self._digest(name) for name in names}

    def differing(self, names: Iterable[str]) -> frozenset[str]:
        """Those of the names whose contents are others than the last time."""
        found = {name: self._digest(name) for name in names}
        differing = frozenset(name for name in found if self._known.get(name) != found[name])
        self._known.update(found)
        return differing

    def _digest(self, name: str) -> bytes:
        """Of a file's contents; empty where it cannot be read."""
        try:
            with (self._folder / name).open("rb") as file:
                return hashlib.sha256(file.read()).digest()
        except OSError:
            return b""
