"""Keys that are pressed while a watch waits, where standard input is a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator

if sys.platform != "win32":
    import select
    import termios
    import tty

POLL_S = 0.05  # of Windows' keyboard


class Keys:
    """Waits for a key; without a terminal it only waits.

    Attributes:
        there: whether there is a keyboard.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self.there = descriptor is not None

    def wait(self, seconds: float) -> str:
        """The key that was pressed, in lower case, or "" when the time is over."""
        if self._descriptor is None:
            time.sleep(seconds)
            return ""
        if sys.platform == "win32":
            return _wait_on_windows(seconds)
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return ""
        try:
            pressed = os.read(self._descriptor, 64)
        except OSError:  # the terminal has gone; so will this process, by a signal
            pressed = b""
        if not pressed:
            self._descriptor, self.there = None, False
        return pressed[:1].decode("ascii", "replace").lower()


@contextlib.contextmanager
def listening() -> Iterator[Keys]:
    """Take keys as they are pressed, without a line's end, and show none; Ctrl-C still interrupts.

    A watch in the background must leave the terminal alone, or the system would stop it.
    """
    if not _has_terminal():
        yield Keys(None)
        return
    descriptor = sys.stdin.fileno()
    if sys.platform == "win32":
        yield Keys(descriptor)
        return
    earlier = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        yield Keys(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, earlier)


def _has_terminal() -> bool:
    try:
        if sys.stdin is None or not sys.stdin.isatty():
            return False
        return sys.platform == "win32" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def _wait_on_windows(seconds: float) -> str:
    import msvcrt

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if msvcrt.kbhit():  # type: ignore[attr-defined]
            return str(msvcrt.getwch()).lower()  # type: ignore[attr-defined]
        time.sleep(POLL_S)
    return ""
