"""The level `plain`: right for a student's own machine, and no defence against hostile code."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

import psutil

from .box import Box
from .environment import worker_command, worker_environment
from .tree import kill_tree, processes_of


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
            worker_command(str(box.root)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=box.scratch,
            env=worker_environment(str(box.scratch)),
            start_new_session=True,
        )

    def members(self, process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The process tree; a child that left it is not seen."""
        return processes_of(process.pid)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process group and the tree; a child that left both escapes this level."""
        kill_tree(process.pid)
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
