"""What somebody waits for: help, one task's grade, and the page after a file was saved."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.sandbox import bwrap
from grader.submission import MODULES
from tests.benchmarks.process import run
from tests.grader.watch.terminal import on_terminal

from .timing import Seconds, in_turn, spread

ROOT = Path(__file__).parents[3]
THRESHOLD = ("grade", "solutions/reference", "--data", "digits", "--task", "threshold")
READING_S = 5.0  # between a page and the next save, while the next worker starts


def measure(quick: bool) -> dict[str, Any]:
    """Seconds of each, and the slowest of those that have a target."""
    rounds = 1 if quick else 5
    levels = ["plain", *([] if bwrap.why_not() else ["require"])]
    commands = {"--help": ("--help",)} | {
        f"grade --task threshold, {level}": (*THRESHOLD, "--sandbox", level) for level in levels
    }
    started = in_turn({name: _command(words) for name, words in commands.items()}, rounds)
    saved = {
        f"watch, {level}, {task}.py saved": seconds
        for level in levels
        for task, seconds in _watched(level, rounds, quick).items()
    }
    rows = {name: spread(seconds) for name, seconds in (started | saved).items()}
    return {
        "rounds": rounds,
        "rows": rows,
        "threshold_s": _slowest(rows, "grade"),
        "watch_s": _slowest(rows, "watch"),
    }


def _command(words: tuple[str, ...]) -> Any:
    environment = {"PATH": "/usr/bin:/bin"}
    return lambda: run([sys.executable, "-m", "grader", *words], environment).wall_s


def _watched(level: str, rounds: int, quick: bool) -> Seconds:
    """From a save to the whole page, by the file that was saved; all tasks are done."""
    tasks = MODULES[:1] if quick else MODULES
    taken: Seconds = {task: [] for task in tasks}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(ROOT / "solutions" / "reference", Path(name) / "work"))
        words = ("watch", folder, "--data", "digits", "--sandbox", level)
        with on_terminal(words) as terminal:
            terminal.wait_for("q: quit")
            for text, task in _saves(folder, tasks, rounds):
                time.sleep(READING_S)
                started = time.perf_counter()
                (folder / f"{task}.py").write_text(text, encoding="utf-8")
                terminal.wait_for(f"{task}.py saved", "q: quit")
                taken[task].append(time.perf_counter() - started)
            terminal.press("q")
            terminal.end()
    return taken


def _saves(folder: Path, tasks: tuple[str, ...], rounds: int) -> Iterator[tuple[str, str]]:
    for number in range(rounds):
        for task in tasks:
            source = (folder / f"{task}.py").read_text(encoding="utf-8")
            yield f"{source}# saved {number + 1} times\n", task


def _slowest(rows: dict[str, dict[str, float]], command: str) -> float:
    return max(row["median"] for name, row in rows.items() if name.startswith(command))
