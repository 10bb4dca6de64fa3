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
    of_the_command = psutil.Process(command.pid)
    try:
        wait_for(lambda: len(of_the_command.children()) > PROCESSES)  # and what tracks resources
        pool = of_the_command.children()
    finally:
        command.kill()
        command.wait()
    try:
        wait_for(lambda: not any(map(runs, pool)))
    finally:
        for process in filter(runs, pool):
            process.kill()


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
