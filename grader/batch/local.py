"""Gradings on this machine: so many processes, each grading one submission at a time."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, Protocol

from .isolated import MAX_ANSWER, TIDY_S, Answer
from .settings import Settings

COMMAND = (sys.executable, "-m", "grader.batch.slot")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
END_S = 2 * TIDY_S + 5
LOST = "the grading process was killed, or could not start"


class Graders(Protocol):
    """Whatever grades parcels: this machine, or a cluster."""

    @property
    def room(self) -> int:
        """How many parcels are worth submitting at a time."""
        ...

    def submit(self, parcel: bytes) -> Future[Answer]:
        """Have a parcel graded; the answer is a record or a fault, as `isolated.grade_apart`'s."""
        ...

    def check(self) -> None:
        """Nothing, unless no answer will ever come.

        Raises:
            GraderError: that is so; one line says why.
        """
        ...

    def close(self) -> None:
        """End everything that still runs."""
        ...


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalGraders:
    """Gradings in processes of this machine.

    Args:
        jobs: how many at a time.
        settings: of all gradings.
        limit_s: of one grading, wall seconds.
        command: starts a process that serves as `slot` does.
    """

    def __init__(
        self, jobs: int, settings: Settings, limit_s: float, command: Sequence[str] = COMMAND
    ) -> None:
        self.room = jobs
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="slot")
        self._slots: queue.Queue[_Slot] = queue.Queue()
        self._all: list[_Slot] = []
        message = {"settings": settings.to_json(), "limit_s": limit_s}
        for _ in range(jobs):
            slot = _Slot(command, message)
            self._all.append(slot)
            self._slots.put(slot)

    def submit(self, parcel: bytes) -> Future[Answer]:
        """Have a parcel graded as soon as a process is free."""
        return self._threads.submit(self._grade, parcel)

    def check(self) -> None:
        """Nothing: each grading that fails says so itself."""

    def close(self) -> None:
        """End everything that still runs."""
        for slot in self._all:
            slot.hang_up()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for slot in self._all:
            slot.end()

    def _grade(self, parcel: bytes) -> Answer:
        slot = self._slots.get()
        try:
            return slot.grade(parcel)
        finally:
            self._slots.put(slot)


class _Slot:
    """One process; it is started when it is needed, and again where it was killed."""

    def __init__(self, command: Sequence[str], message: dict[str, Any]) -> None:
        self._command = command
        self._message = message
        self._lock = threading.Lock()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def grade(self, parcel: bytes) -> Answer:
        """Send a parcel and wait for the answer."""
        try:
            connection = self._connect()
            try:
                connection.send_bytes(parcel)
                answer = json.loads(connection.recv_bytes(MAX_ANSWER))
            finally:
                connection.close()
        except (EOFError, OSError, ValueError) as error:
            self.hang_up(forever=False)
            self.end()
            why = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
            return {"fault": f"{LOST}{why}"}
        return answer if isinstance(answer, dict) else {"fault": LOST}

    def hang_up(self, *, forever: bool = True) -> None:
        """Let the process know, from any thread, that no answer is wanted any more."""
        with self._lock:
            self._closed = self._closed or forever
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Wait until the process, which was hung up on, has tidied up and ended."""
        if self._process is not None:
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._socket is not None:
            self._socket.close()
        self._process = self._socket = None

    def _connect(self) -> Connection:
        """A connection of one use over the process's socket, which is started where there is none.

        Raises:
            OSError: it cannot be started.
        """
        with self._lock:
            if self._closed:
                raise EOFError
            if self._socket is None:
                self._start()
            assert self._socket is not None
            return Connection(os.dup(self._socket.fileno()))

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 (the command is our own)
                    [*self._command, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=os.environ | ONE_THREAD,
                    start_new_session=True,  # Ctrl-C reaches the driver alone, which passes it on
                )
        except OSError:
            ours.close()
            raise
        self._socket = ours
        first = Connection(os.dup(ours.fileno()))
        try:
            first.send_bytes(json.dumps(self._message).encode())
        finally:
            first.close()
