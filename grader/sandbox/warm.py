"""The level `bwrap` with workers that are forked, where starting one costs seconds of imports.

Bubblewrap builds each box as it always does; what it runs in there only waits. The worker is forked
from a process that has imported torch, enters the box, and gives up what a worker must not have
(`warm_process.py`). Where that fails, for whatever reason, the worker is started in the usual way.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
import weakref

import psutil

from . import warm_box
from .box import Box
from .bwrap import INSIDE_SCRATCH, BwrapSandbox, make_readable
from .tree import processes_of
from .warm_link import NotWarmError, WarmProcess

IMPORT_S = 300.0  # a cold `import torch` on a loaded machine
TRIES = 3  # of forking a worker, without success between them


class WarmSandbox(BwrapSandbox):
    """Bubblewrap, with a warmed process that is kept from grading to grading; close it at the end.

    All threads of a process may share one; and so may a fork of it, where the process itself has
    waited until it is warm, and waits for the fork's end before it forks again.

    Attributes:
        cold: why the last worker was not forked; "" where it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cold = ""
        self._box = self.isolation
        self._failures = 0
        self._lock = threading.Lock()
        self._warm: WarmProcess | None = None
        with contextlib.suppress(OSError):  # tried again, and said, when a worker is wanted
            self._warm = WarmProcess(INSIDE_SCRATCH)
        self._workers: weakref.WeakKeyDictionary[subprocess.Popen[bytes], psutil.Process]
        self._workers = weakref.WeakKeyDictionary()

    def __enter__(self) -> WarmSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the warmed process; workers are started in the usual way from then on."""
        with self._lock:
            self._drop()
            self._failures, self.cold = TRIES, "the warmed process is closed"

    def wait_until_warm(self) -> None:
        """Start the warmed process where it has died, and wait until it can fork."""
        try:
            self._wait_for_warm()
        except NotWarmError as error:
            self._failures += 1
            self.cold = str(error)

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        """Fork the worker into a box of its own; where that fails, start it there."""
        make_readable(box.root)
        try:
            process = self._fork(box)
            self._failures, self.cold = 0, ""
        except NotWarmError as error:
            self._failures += 1
            self.cold = str(error)
            process = super().start(box)
        how = f"started on its own ({self.cold})" if self.cold else "forked from a warmed process"
        self.isolation = f"{self._box}; worker {how}"
        return process

    def members(self, process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """All processes in the box, and bubblewrap's own; a forked worker is no child of those."""
        found = super().members(process)
        if (worker := self._workers.get(process)) is not None:
            found += processes_of(worker)
        return found

    def _fork(self, box: Box) -> subprocess.Popen[bytes]:
        try:
            warm = self._wait_for_warm()
            waiting = warm_box.build(box.root)
            try:
                worker = warm_box.fork_into(waiting, warm)
            except BaseException:
                warm_box.discard(waiting.process)
                raise
        except (OSError, psutil.Error) as error:
            raise NotWarmError(str(error)) from None
        if worker is not None:
            self._workers[waiting.process] = worker
        return waiting.process

    def _wait_for_warm(self) -> WarmProcess:
        """The warmed process, started anew where it has died."""
        with self._lock:
            if self._failures >= TRIES:
                raise NotWarmError(self.cold)
            if self._warm is not None and not self._warm.is_alive():
                self._drop()
            if self._warm is None:
                self._warm = WarmProcess(INSIDE_SCRATCH)
            self._warm.wait_until_ready(IMPORT_S)
            return self._warm

    def _drop(self) -> None:
        if self._warm is not None:
            self._warm.close()
            self._warm = None
