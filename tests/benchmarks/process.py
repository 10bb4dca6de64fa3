"""Time and memory of a command, its worker apart from it."""

from __future__ import annotations

import contextlib
import subprocess
import time
from dataclasses import dataclass

import psutil

SAMPLE_S = 0.01


@dataclass(frozen=True)
class Measured:
    """One run: wall seconds, peak resident MB of the process and of all its children together."""

    wall_s: float
    own_mb: float
    children_mb: float


def run(command: list[str], environment: dict[str, str]) -> Measured:
    """Run a command to its end and watch it; its output is thrown away.

    Raises:
        RuntimeError: it ended with another exit code than 0.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    own = children = 0
    root = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            own = max(own, root.memory_info().rss)
            children = max(
                children, sum(_resident(child) for child in root.children(recursive=True))
            )
        time.sleep(SAMPLE_S)
    wall_s = time.perf_counter() - started
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    process.stderr.close()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}: {said[-500:]}")
    return Measured(wall_s, own / 2**20, children / 2**20)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
