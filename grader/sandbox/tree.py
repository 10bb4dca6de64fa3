"""A worker and all that it started, as the operating system sees them from outside."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

import psutil

POLL_S = 0.01


def usage(members: Iterable[psutil.Process]) -> tuple[float, int, int]:
    """CPU seconds, resident bytes and number of processes of a box's members together."""
    cpu_s, resident, count = 0.0, 0, 0
    for member in members:
        with contextlib.suppress(psutil.Error):
            times = member.cpu_times()
            cpu_s += times.user + times.system
            resident += member.memory_info().rss
            count += 1
    return cpu_s, resident, count


def kill_tree(pid: int) -> None:
    """Kill a process and all that descend from it, children first."""
    for member in reversed(processes_of(pid)):
        with contextlib.suppress(psutil.Error):
            member.kill()


def wait_until_ended(members: list[psutil.Process], seconds: float) -> None:
    """Wait until none of them runs; one that nobody reaps, as in many containers, has ended too."""
    deadline = time.monotonic() + seconds
    while any(map(_runs, members)) and time.monotonic() < deadline:
        time.sleep(POLL_S)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def processes_of(process: int | psutil.Process) -> list[psutil.Process]:
    """A process and all that descend from it; empty where it is gone."""
    try:
        root = psutil.Process(process) if isinstance(process, int) else process
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []
