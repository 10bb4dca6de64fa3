"""The grader's end of the warmed process: starting it, asking it for a fork, ending it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .environment import worker_command, worker_environment

SOURCE = Path(__file__).with_name("warm_process.py")
FROM_INPUT = "-"  # what Python calls its program when it reads it from standard input
READY = b"ready"
END_S = 5.0
READ_BYTES = 4096
# Of an executable file (System V ABI, ELF): where the table of its segments begins, the size of an
# entry and their number; of an entry its kind, where the segment begins, and its length.
ELF_64_LITTLE = b"\x7fELF\x02\x01"
ELF_HEADER, ELF_SEGMENT = struct.Struct("<32xQ14xHH4x"), struct.Struct("<I4xQ16xQ")
PT_INTERP = 3


class NotWarmError(Exception):
    """No worker can be forked; the text says why."""


class WarmProcess:
    """A process that has imported torch and forks on request; several threads may ask it.

    Args:
        scratch: what its workers see as their own folder.
    """

    def __init__(self, scratch: str) -> None:
        self._link, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        environment = worker_environment(scratch) | {"PWD": scratch}  # as bubblewrap sets it
        with other:
            self._process = subprocess.Popen(  # noqa: S603 (the command is our own)
                [*loader(), *worker_command(FROM_INPUT)[1:]],
                stdin=subprocess.PIPE, stdout=other.fileno(), stderr=self._errors,
                cwd="/", env=environment, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stream:
            stream.write(SOURCE.read_bytes())
        self._said = b""
        self._owner = os.getpid()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it has not ended; a fork of the process that started it cannot wait for it."""
        if os.getpid() == self._owner:
            return self._process.poll() is None
        ended = select.poll()
        ended.register(self._link, 0)
        return not ended.poll(0)  # its end of the link is open

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until torch is imported.

        Raises:
            NotWarmError: it ended, did not answer, or found that it must not fork.
        """
        if not self._said:
            self._link.settimeout(seconds)
            try:
                self._said = self._link.recv(READ_BYTES)
            except TimeoutError:
                raise NotWarmError(f"no answer within {seconds:g} s") from None
            except OSError as error:
                raise NotWarmError(str(error)) from None
        if self._said != READY:
            raise NotWarmError(self._said.decode(errors="replace") or self._last_words())

    def ask(self, task: dict[str, Any], descriptors: Sequence[int]) -> None:
        """Send a request; what comes of it is said over one of the descriptors.

        Raises:
            NotWarmError: it has ended.
        """
        try:
            socket.send_fds(self._link, [json.dumps(task).encode()], descriptors)
        except OSError as error:
            raise NotWarmError(f"the warmed process is gone ({error.strerror})") from None

    def close(self) -> None:
        """End it; workers that it has forked live on, each in its box."""
        self._link.close()
        if self._said != READY:
            self._process.kill()  # it imports, and would go on with that
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it ended without a word"


def loader(python: str = "") -> list[str]:
    """How the warmed process is started: by Python, or by the system's loader of programs.

    A worker of an ordinary user's reaches by `/proc/self/exe` what its process was started from,
    past the box's read-only view. That must not be a Python that is the user's own; the loader
    never is.

    Args:
        python: the interpreter, this one by default.
    """
    python = python or sys.executable
    interpreter = _interpreter_of(Path(python).resolve()) if os.geteuid() else ""
    if not interpreter:
        return [python]
    return [interpreter, "--argv0", python, str(Path(python).resolve())]


def _interpreter_of(program: Path) -> str:
    """The loader that a program of 64 bits asks for (ELF: PT_INTERP); "" where it names none."""
    with contextlib.suppress(OSError, struct.error, ValueError), program.open("rb") as file:
        head = file.read(ELF_HEADER.size)
        if len(head) < ELF_HEADER.size or not head.startswith(ELF_64_LITTLE):
            return ""
        *_, start, size, count = ELF_HEADER.unpack(head)
        for number in range(count):
            file.seek(start + number * size)
            kind, offset, length = ELF_SEGMENT.unpack(file.read(ELF_SEGMENT.size))
            if kind == PT_INTERP:
                file.seek(offset)
                return file.read(length).rstrip(b"\0").decode()
    return ""


def read_until(descriptor: int, is_enough: Callable[[bytes], bool], seconds: float) -> bytes:
    """Read from a pipe until that is enough, the pipe ends, or the time is over."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    text, deadline = b"", time.monotonic() + seconds
    while not is_enough(text) and (left_s := deadline - time.monotonic()) > 0:
        if waiting.poll(1000 * left_s):
            chunk = os.read(descriptor, READ_BYTES)
            if not chunk:
                break
            text += chunk
    return text
