"""What a level of isolation is, and what it is given."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil


@dataclass(frozen=True)
class Box:
    """A staged submission: `root` holds the worker and the modules, `scratch` is its own."""

    root: Path
    scratch: Path


class Sandbox(Protocol):
    """A level of isolation: its name, and what it gives on this system in words."""

    level: str
    isolation: str

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        """Start the worker of `box`, its pipes on standard input, output and error."""
        ...

    def members(self, process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The worker and everything that it started, as far as the level can see them."""
        ...

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End the worker and everything that it started, and reap it."""
        ...
