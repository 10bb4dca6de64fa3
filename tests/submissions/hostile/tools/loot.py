"""How an attack says what it got hold of: the runner listens to all that leaves the box."""

import contextlib
import os
from pathlib import Path

WORD = "LO" + "OT: "  # in two, so that a line of code in a traceback does not say it


def got(what):
    """Say that something worked that should not have."""
    os.write(2, f"{WORD}{what}\n".encode())


def show(path, size=1 << 16):
    """Say what a file holds; the runner looks for its canaries in it."""
    with contextlib.suppress(OSError), Path(path).open("rb") as file:
        os.write(2, file.read(size) + b"\n")


def attempt(what, action, *arguments):
    """Say so where an action is not refused; returns what it gave."""
    try:
        result = action(*arguments)
    except Exception:
        return None
    got(what)
    return result


def reachable():
    """Processes to look into: all in a box, elsewhere the grader alone."""
    if Path("/proc/1/comm").read_text().strip() == "bwrap":
        return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [os.getppid()]
