"""Memory, cores, disk, the terminal: what a grading needs of the machine."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from .finding import BROKEN, NOTE, OK, WARNING, Finding

MB, GB = 1 << 20, 1 << 30
LEAST_MEMORY, TRAINING_MEMORY = 768 * MB, 3000 * MB  # to grade code; to train as well
LEAST_DISK = 200 * MB
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def look_at_memory() -> Iterator[Finding]:
    """What is free, within a container's limit."""
    import psutil

    yield from judge_memory(int(psutil.virtual_memory().available), container_limit())


def judge_memory(available: int, limit: int | None) -> Iterator[Finding]:
    """What to think of so much memory.

    Args:
        available: free bytes of the machine.
        limit: of the container, in bytes; None where there is none.
    """
    free = available if limit is None else min(available, limit)
    text = f"{free / GB:.1f} GB free" + (" in this container" if free != available else "")
    if free < LEAST_MEMORY:
        yield Finding("memory", WARNING, f"{text}; grading code takes up to 0.75 GB",
                      "close other programs, or give the container more")  # fmt: skip
    elif free < TRAINING_MEMORY:
        yield Finding("memory", OK, f"{text}: enough; a training may take more on MNIST")
    else:
        yield Finding("memory", OK, text)


def container_limit() -> int | None:
    """The memory that a container may use, in bytes; None where nothing is said."""
    for path in LIMITS:
        try:
            return int(path.read_text(encoding="ascii"))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return None


def look_at_cores() -> Iterator[Finding]:
    """How many cores this process may use."""
    all_cores = os.cpu_count() or 1
    mine = len(os.sched_getaffinity(0)) if sys.platform == "linux" else all_cores
    of = f" of {all_cores}" if mine != all_cores else ""
    yield Finding("cores", OK, f"{mine}{of} {'core' if mine == 1 else 'cores'}")


def look_at_disk() -> Iterator[Finding]:
    """The folder for temporary files, where submissions are staged."""
    try:
        folder = Path(tempfile.gettempdir())
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"0" * 1024)
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Finding("disk", BROKEN, f"no temporary file can be written ({error.strerror})",
                      "make room, or name another folder in TMPDIR")  # fmt: skip
        return
    yield from judge_disk(folder, free)


def judge_disk(folder: Path, free: int) -> Iterator[Finding]:
    """What to think of so many free bytes."""
    text = f"{free / GB:.1f} GB free under {folder}"
    if free < LEAST_DISK:
        yield Finding("disk", WARNING, f"{text}, where submissions are staged",
                      "make room, or name another folder in TMPDIR")  # fmt: skip
    else:
        yield Finding("disk", OK, text)


def look_at_terminal(stream: TextIO | None = None) -> Iterator[Finding]:
    """Whether what is printed can be shown as it is meant."""
    out = stream or sys.stdout
    encoding = str(getattr(out, "encoding", None) or "ascii")
    kind = "a terminal" if out.isatty() else "no terminal: no colours, no bars"
    if encoding.lower().replace("-", "").startswith("utf"):
        yield Finding("terminal", OK, f"{kind}; {encoding}")
    else:
        yield Finding(
            "terminal", NOTE, f"{kind}; {encoding}, which lacks some signs: + stands for a tick",
            "set PYTHONUTF8=1 to see them",
        )  # fmt: skip
