"""A program on a terminal of its own: what it prints, keys for it, and Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
PATIENCE_S = 240.0  # the machine may be crowded; nothing is judged by it


class Terminal:
    """The other side of a pseudo-terminal.

    Attributes:
        process: the program.
        raw: all that it printed, control codes included.
    """

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process, self._master = process, master
        self.raw = ""
        self._read = 0

    @property
    def text(self) -> str:
        """All that it printed, as it reads."""
        return CONTROL.sub("", self.raw)

    def wait_for(self, *words: str) -> str:
        """Wait until each of the words came since the last wait; returns what came."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(word in self.text[self._read :] for word in words):
            assert time.monotonic() < deadline, f"no {words} in {self.text[self._read :]!r}"
            if not self._fill():
                raise AssertionError(f"it ended: no {words} in {self.text[self._read :]!r}")
        came, self._read = self.text[self._read :], len(self.text)
        return came

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """Wait for its end; returns the exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._fill() and time.monotonic() < deadline:
            pass
        return self.process.wait(PATIENCE_S)

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as a shell left it."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def _fill(self) -> bool:
        if not select.select([self._master], [], [], 1.0)[0]:
            return self.process.poll() is None
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # Linux's word for the end of a terminal
            return False
        self.raw += chunk.decode(errors="replace")
        return bool(chunk)


@contextlib.contextmanager
def on_terminal(
    arguments: Sequence[str | Path], columns: int = 80, **variables: str
) -> Iterator[Terminal]:
    """Run `python -m grader` on a terminal; it is ended where the test has not done that."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-c", START, *map(str, arguments)],
        stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, start_new_session=True,
        env={**environment, "TERM": "xterm-256color", "OSR_DATA": os.devnull, **variables},
    )  # fmt: skip
    os.close(slave)
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)


# As a shell does: the terminal becomes this session's own, so that Ctrl-C reaches it.
START = """
import fcntl, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("grader", run_name="__main__", alter_sys=True)
"""
