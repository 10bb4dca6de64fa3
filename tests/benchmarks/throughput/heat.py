"""One grader on one class: what is run, and what it took."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError
from tests.classroom.handing_in import ROOT

from .meter import Meter

# Two processes on two cores, whatever the grader: without this torch's threads spin for each other.
SAME_FOR_ALL = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "PYTHONPATH": str(ROOT)}
Lost = dict[str, frozenset[str]]  # by student, ids of the checks that did not pass


@dataclass(frozen=True)
class Command:
    """What to run, where, and what its environment has besides."""

    arguments: Sequence[str]
    folder: Path
    environment: dict[str, str]
    timeout_s: float

    def run(self) -> None:
        """Run it to its end.

        Raises:
            GraderError: it failed, or took longer than it may.
        """
        what = " ".join(self.arguments[:4])
        try:
            done = subprocess.run(
                self.arguments,
                cwd=self.folder,
                env={**os.environ, **SAME_FOR_ALL, **self.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GraderError(f"{what}: not done after {self.timeout_s:g} s") from None
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace")[-800:]
            raise GraderError(f"{what}: exit code {done.returncode}: {said}")


@dataclass(frozen=True)
class Heat:
    """One grader's turn.

    Attributes:
        how: What it runs, for the reader.
        commands: Are run `jobs` at a time.
        lost: Reads afterwards what each student lost.
    """

    how: str
    commands: Sequence[Command]
    lost: Callable[[], Lost]


@dataclass(frozen=True)
class Result:
    """What a turn took.

    Attributes:
        submissions: How many were graded.
        wall_s: From the start to the end of all.
        cpu_s: Of all its processes; the last moments of each may be missing.
        load: Of the machine before it started, a minute's mean.
    """

    how: str
    submissions: int
    wall_s: float
    cpu_s: float
    load: float

    @property
    def per_minute(self) -> float:
        """Submissions a minute."""
        return 60 * self.submissions / self.wall_s


def run(heat: Heat, jobs: int) -> tuple[Result, Lost]:
    """Run a heat and read what it found.

    Raises:
        GraderError: one of its commands failed.
    """
    load, started = os.getloadavg()[0], time.perf_counter()
    with Meter() as meter, ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(Command.run, heat.commands):
            pass
    wall_s = time.perf_counter() - started
    lost = heat.lost()
    return Result(heat.how, len(lost), wall_s, meter.cpu_s, load), lost
