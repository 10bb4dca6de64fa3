"""The box that a worker runs in: how it is started, what it may use, how it is ended.

A level is a way to build the box. `plain` is a separate process group with a scrubbed environment
and lowered limits: right for a student's own machine, and no defence against hostile code.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from .errors import UsageError

KEPT_MEMORY = 32 << 20


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

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End the worker and everything that it started, and reap it."""
        ...


class PlainSandbox:
    """A separate process with limits; student code can still read what the user can read."""

    level = "plain"
    isolation = (
        "separate session, resource limits, scrubbed environment, whole group killed"
        if os.name == "posix"
        else "scrubbed environment, watched process; no resource limits on this system"
    )

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        """Start the worker in its own session, with nothing of the grader's environment."""
        return subprocess.Popen(  # noqa: S603 (the command is our own)
            [sys.executable, "-I", "-S", "-B", str(box.root), *installed_packages()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=box.scratch,
            env=worker_environment(box.scratch),
            start_new_session=True,
        )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process group and the tree; a child that left both escapes this level."""
        for survivor in _tree(process.pid):
            with contextlib.suppress(psutil.Error):
                survivor.kill()
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()


def installed_packages() -> list[str]:
    """The folders of installed packages, as this process has them on its path."""
    return [folder for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))]


def worker_environment(scratch: Path) -> dict[str, str]:
    """The whole environment of a worker: no path, token or setting of the grader's user.

    One thread: the result is then the same on every number of cores, and no slower where others
    share them. A second one saved a quarter of a training's time on a quiet machine, and made it
    five times slower on a busy one.
    Freed memory is kept for the next step (`MALLOC_…`, glibc): returning it at once cost a
    quarter of the training in page faults.
    """
    environment = {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": str(KEPT_MEMORY),
        "MALLOC_TRIM_THRESHOLD_": str(KEPT_MEMORY),
        "MPLBACKEND": "Agg",
    }
    if sys.platform == "win32":  # sockets and threads do not start without it
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", "")
        environment["TEMP"] = environment["TMP"] = str(scratch)
    return environment


def choose_sandbox(wish: str) -> Sandbox:
    """The sandbox for `--sandbox auto|require|plain`.

    Raises:
        UsageError: the machine does not offer what is required.
    """
    if wish == "require":
        raise UsageError(
            "--sandbox require: this machine offers only the level 'plain' "
            "(the level 'bwrap' is not built yet); use --sandbox auto for code that you trust"
        )
    return PlainSandbox()


def usage(process: subprocess.Popen[bytes]) -> tuple[float, int, int]:
    """CPU seconds, resident bytes and number of processes of a worker and its children."""
    cpu_s, resident, count = 0.0, 0, 0
    for member in _tree(process.pid):
        with contextlib.suppress(psutil.Error):
            times = member.cpu_times()
            cpu_s += times.user + times.system
            resident += member.memory_info().rss
            count += 1
    return cpu_s, resident, count


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []
