"""Correct submissions graded while other processes keep every core busy: none may time out."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.throughput.heat import Command
from tests.submissions.patches import read_patches, write_submission

from .grading import CODE_TASKS, FEW
from .timing import rounded

MOST = 12
BUSY = "while True: pass"


def measure(quick: bool) -> dict[str, Any]:
    """How many of the correct submissions passed all their code checks, and which did not."""
    patches = read_patches("correct")
    chosen = patches[:: max(1, len(patches) // (1 if quick else MOST))][: 1 if quick else MOST]
    tasks = FEW if quick else CODE_TASKS
    lost: list[str] = []
    timed_out: list[str] = []
    with tempfile.TemporaryDirectory() as name, busy(os.cpu_count() or 1):
        before = os.getloadavg()[0]
        for patch in chosen:
            folder = write_submission(patch, Path(name) / patch.name)
            record = Path(name) / f"{patch.name}.json"
            words = [word for task in tasks for word in ("--task", task)]
            grade = [sys.executable, "-m", "grader", "grade", str(folder), "--data", "digits"]
            Command([*grade, "--json", str(record), *words], Path(name), {}, 900.0).run()
            found = json.loads(record.read_bytes())
            checks = [c for task in found["tasks"] if task["id"] in tasks for c in task["checks"]]
            lost += [f"{patch.name}: {c['id']}" for c in checks if c["status"] != "passed"]
            timed_out += [f"{patch.name}: {c['id']}" for c in checks if c["status"] == "timeout"]
        after = os.getloadavg()[0]
    return {
        "busy_processes": os.cpu_count(),
        "load": [rounded(before), rounded(after)],
        "submissions": len(chosen),
        "lost": lost,
        "timed_out": timed_out,
    }


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing, as fast as they can."""
    spinning = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()
