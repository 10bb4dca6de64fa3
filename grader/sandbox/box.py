"""What a level of isolation is, and what it is given."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Box:
    """A staged submission: `root` holds the worker and the modules, `scratch` is its own."""

    root: Path
    scratch: Path

    def look(self) -> dict[Path, tuple[int, int, int]]:
        """Mode, size and time of what a worker starts from; its own writing changes none of it."""
        seen = {}
        for path in (self.root, *self.root.rglob("*")):
            status = path.lstat()
            seen[path] = (status.st_mode, status.st_size, status.st_mtime_ns)
        return {**seen, self.scratch: (self.scratch.lstat().st_mode, 0, 0)}


class Sandbox(Protocol):
    """A level of isolation: its name, and what it gives on this system in words."""

    level: str
    isolation: str

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        """Start the worker of `box`, its pipes on standard input, output and error."""
        ...

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End the worker and everything that it started, and reap it."""
        ...
