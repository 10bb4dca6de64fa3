"""CPU seconds of everything that runs below this process, by looking at it again and again.

What the kernel adds up for a parent leaves out a sandbox that was killed, hence most of our own
work. This misses the last moments of each process: `EVERY_S` at most.
"""

from __future__ import annotations

import contextlib
import threading

import psutil

EVERY_S = 0.2


class Meter:
    """Looks while it is entered; a killed process's orphans count where they are adopted."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, float], float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def cpu_s(self) -> float:
        """Seconds so far, of user and system."""
        return sum(self._seen.values())

    def __enter__(self) -> Meter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        root = psutil.Process()
        while not self._done.wait(EVERY_S):
            for process in root.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    self._seen[process.pid, process.create_time()] = times.user + times.system
