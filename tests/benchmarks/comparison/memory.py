"""Memory of every process while code is graded, against the smallest box that graders run in.

Twice: with pages that processes share divided among them (PSS, Linux alone), whose sum is what the
machine holds, but for what programs beside the grading share too; and as resident memory (RSS),
whose sum counts a shared page each time, so that no box needs more.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from grader.errors import GraderError
from grader.sandbox import bwrap
from tests.classroom.handing_in import ROOT

from .grading import CODE_TASKS, FEW, grade_command, warm_grader
from .staged import variables

EVERY_S = 0.02
LIMIT_MB = 768  # Gradescope's default box
SIZES = re.compile(r"^(Pss|Rss):\s+(\d+) kB$", re.MULTILINE)
WORKER, WARMED, HELPERS = "worker", "warmed process", "bubblewrap and its helpers"


class Watch:
    """Looks at a process and all below it until it is left.

    Args:
        pid: The process.
        own: What to call it.

    Attributes:
        peaks: Bytes (PSS) by kind of process, each kind's highest.
        total: Bytes (PSS) of all together, highest.
        total_rss: The same of RSS.
    """

    def __init__(self, pid: int, own: str) -> None:
        self._root, self._own = psutil.Process(pid), own
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peaks: dict[str, int] = {}
        self.total = self.total_rss = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(EVERY_S):
            now: dict[str, int] = {}
            resident = 0
            with contextlib.suppress(psutil.Error):
                for process in (self._root, *self._root.children(recursive=True)):
                    kind = self._own if process == self._root else self._kind(process)
                    share, whole = held(process)
                    now[kind] = now.get(kind, 0) + share
                    resident += whole
            self.total = max(self.total, sum(now.values()))
            self.total_rss = max(self.total_rss, resident)
            for kind, size in now.items():
                self.peaks[kind] = max(self.peaks.get(kind, 0), size)

    def _kind(self, process: psutil.Process) -> str:
        try:
            words, parent = process.cmdline(), process.ppid()
        except psutil.Error:
            return HELPERS
        return kind_of(words, parent == self._root.pid, self._own)


def kind_of(words: Sequence[str], is_child: bool, own: str) -> str:
    """What a process below the grader is, by its command line.

    Args:
        words: The command line; a forked worker has that of the warmed process.
        is_child: Whether the grader itself has started it.
        own: What the grader is called; a grading is forked from it.
    """
    program = Path(words[0]).name if words else ""
    if "-I" in words and "-S" in words and not program.startswith("bwrap"):
        from_input = "-" in words
        return WARMED if from_input and is_child else WORKER
    return own if program.startswith("python") else HELPERS


def held(process: psutil.Process) -> tuple[int, int]:
    """Bytes that a process holds, PSS and RSS; where there is no PSS twice RSS; 0 after its end."""
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8")
        found = {name: int(size) << 10 for name, size in SIZES.findall(text)}
        return found.get("Pss", 0), found.get("Rss", 0)
    except OSError:
        pass
    try:
        resident = int(process.memory_info().rss)
    except psutil.Error:
        resident = 0
    return resident, resident


def measure(quick: bool) -> dict[str, Any]:
    """Peaks of a grade that is started anew at each level, and of gradings as in a batch."""
    tasks = FEW if quick else CODE_TASKS
    levels = {"plain, cold": "plain"} | ({} if bwrap.why_not() else {"bwrap, cold": "require"})
    ways = {name: _cold(tasks, level) for name, level in levels.items()}
    if "bwrap, cold" in ways:
        with warm_grader(tasks) as grade, Watch(grade.pid, "grader") as watch:
            for _ in range(1 if quick else 3):
                grade()
        ways["bwrap, warm"] = _found(watch)
    return {"tasks": list(tasks), "limit_mb": LIMIT_MB, "ways": ways}


def _cold(tasks: Sequence[str], level: str) -> dict[str, Any]:
    process = subprocess.Popen(
        grade_command(tasks, level), cwd=ROOT, env=variables(),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process, Watch(process.pid, "grader") as watch:
        process.wait()
    if process.returncode:
        raise GraderError(f"a grade at the level {level} ended with exit code {process.returncode}")
    return _found(watch)


def _found(watch: Watch) -> dict[str, Any]:
    peaks = {kind: round(size / 2**20) for kind, size in sorted(watch.peaks.items())}
    return {
        "total_mb": round(watch.total / 2**20),
        "total_rss_mb": round(watch.total_rss / 2**20),
        "peaks_mb": peaks,
    }
