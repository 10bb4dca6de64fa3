"""Processes of a pool end with the command that they work for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

from tests.grader.boxes import wait_for

PROCESSES = 2
CODE = f"""
import time
from tests.submissions.parallel import in_parallel

if __name__ == "__main__":
    list(in_parallel(time.sleep, [600] * {PROCESSES}, {PROCESSES}))
"""


def test_processes_end_when_their_parent_is_killed() -> None:
    command = subprocess.Popen(
        [sys.executable, "-c", CODE], cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: len(working(command.pid)) == PROCESSES)
        left = psutil.Process(command.pid).children(recursive=True)
    finally:
        command.kill()
        command.wait()
    wait_for(lambda: not any(map(runs, left)))


def working(pid: int) -> list[psutil.Process]:
    """The processes of the pool that have begun to work: each then follows its parent."""
    children = psutil.Process(pid).children()
    return [child for child in children if runs(child) and child.num_threads() > 1]


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
