"""The driver of a batch is killed at random moments, and started again until it ends."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from grader.gradebook import Gradebook
from tests.faults.lab import FaultError, descendants

ROOT = Path(__file__).parents[2]
MOST_KILLS = 6  # of one try; after that it is left in peace
HANGS_S = 1800.0
GONE_S = 30.0
NOT_WHOLE = (0, 3)  # 3: a submission met a fault of the grader's own


@dataclass(frozen=True)
class Outcome:
    """One try: how often the driver was killed, and in what the gradebook differs."""

    kills: int
    differences: tuple[str, ...]


def start(folder: Path, gradebook: Path, options: Sequence[str]) -> subprocess.Popen[str]:
    """Start a batch."""
    return subprocess.Popen(
        [sys.executable, "-m", "grader", "batch", str(folder), "--gradebook", str(gradebook),
         *options],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
    )  # fmt: skip


def undisturbed(folder: Path, gradebook: Path, options: Sequence[str]) -> float:
    """Run a batch from start to end; returns its seconds.

    Raises:
        FaultError: it did not end as a batch should.
    """
    began = time.monotonic()
    _require_ended_well(start(folder, gradebook, options))
    return time.monotonic() - began


def disturbed(
    folder: Path, gradebook: Path, options: Sequence[str], rng: random.Random, lasts_s: float
) -> int:
    """Kill a batch at random moments and start it again, until it ends; returns the kills.

    Args:
        folder: Of submissions.
        gradebook: A new one.
        options: Of the command.
        rng: Of the moments.
        lasts_s: What an undisturbed run takes: a third of it is the mean time between kills.

    Raises:
        FaultError: A run ended otherwise, or a killed one left a process.
    """
    for kills in range(MOST_KILLS):
        process = start(folder, gradebook, options)
        try:
            process.wait(rng.uniform(0.3, 0.7 * lasts_s))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            _require_gone()
        else:
            _require_ended_well(process)
            return kills
    _require_ended_well(start(folder, gradebook, options))
    return MOST_KILLS


def differences(expected: Path, found: Path) -> tuple[str, ...]:
    """In what two gradebooks differ, apart from times: a line each."""
    first, second = picture(expected), picture(found)
    lines = [
        f"{who}: {first.get(who, 'not there')} became {second.get(who, 'not there')}"
        for who in sorted({*first, *second})
        if first.get(who) != second.get(who)
    ]
    with Gradebook(found, create=False) as book:
        rows = Counter((row.student, row.attempt, row.key) for row in book.history())
    lines += [f"{row[0]} stands there {count} times" for row, count in rows.items() if count > 1]
    return tuple(lines)


def picture(gradebook: Path) -> dict[str, Any]:
    """What a gradebook says of each student: name, attempt, key, and each check's status."""
    with Gradebook(gradebook, create=False) as book:
        return {
            row.student: (
                row.name,
                row.attempt,
                row.source,
                row.key,
                row.record["status"],
                row.record["score"],
                [
                    (check["id"], check["status"], check["score"])
                    for task in row.record["tasks"]
                    for check in task["checks"]
                ],
            )
            for row in book.current()
        }


def _require_ended_well(process: subprocess.Popen[str]) -> None:
    try:
        _, said = process.communicate(timeout=HANGS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise FaultError(f"the batch hung for {HANGS_S:g} s") from None
    if process.returncode not in NOT_WHOLE or "Traceback" in said:
        raise FaultError(f"exit code {process.returncode}: {said.strip()[-400:]}")
    _require_gone()


def _require_gone() -> None:
    """No process of a batch that has ended lives for long.

    Raises:
        FaultError: One does; it is killed.
    """
    deadline = time.monotonic() + GONE_S
    while alive := descendants():
        if time.monotonic() > deadline:
            names = [str(process) for process in alive]
            for process in alive:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            raise FaultError(f"processes are left: {names}")
        time.sleep(0.05)
