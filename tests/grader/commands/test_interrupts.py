"""Ctrl-C at any moment: one line, exit code 130, no process and no temporary folder left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from grader.gradebook import Gradebook
from tests.grader.boxes import wait_for
from tests.grader.statistics.records import check, new_grade, record

if sys.platform == "win32":
    pytest.skip("Ctrl-C is no signal there", allow_module_level=True)

ROOT = Path(__file__).parents[3]
# Python itself says something else about a Ctrl-C before it has come to the program.
START = """
import runpy, sys
try:
    import grader.__main__
    print("up", flush=True)
    runpy.run_module("grader", run_name="__main__", alter_sys=True)
except KeyboardInterrupt:
    print("error: interrupted", file=sys.stderr)
    sys.exit(130)
"""
LONGEST_S = 4.0


def interrupt(temporary: Path, seconds: float, *arguments: str | Path) -> tuple[int, str, str]:
    """Run a command and interrupt it; returns its exit code, its errors and its output."""
    temporary.mkdir(mode=0o755)
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore::RuntimeWarning:runpy", "-c", START, *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=ROOT, env={**os.environ, "TMPDIR": str(temporary), "OSR_DATA": os.devnull},
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        time.sleep(seconds)
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=240)
    wait_for(lambda: not any(map(runs, family)), 60)
    assert not list(temporary.iterdir()), "a temporary folder is left"
    return process.returncode, errors, printed


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def assert_interrupted(code: int, errors: str, _printed: str = "") -> None:
    assert "Traceback" not in errors
    if code == 0:
        return  # it had come to its end
    assert code == 130, errors
    lines = [line for line in errors.splitlines() if line.startswith("error:")]
    assert lines == ["error: interrupted"], errors


def moments(seed: int, count: int) -> list[float]:
    """Seconds after the start, random but the same each time."""
    generator = random.Random(seed)
    return [round(generator.uniform(0, LONGEST_S), 2) for _ in range(count)]


@pytest.fixture
def assignment(tmp_path: Path) -> Path:
    made = tmp_path / "inbox" / "ann" / "assignment"
    made.mkdir(parents=True)
    for stub in (ROOT / "assignment").glob("*.py"):
        shutil.copy(stub, made)
    return made


@pytest.mark.parametrize("seconds", moments(1, 3))
def test_grade(seconds: float, assignment: Path, tmp_path: Path) -> None:
    target = tmp_path / "record.json"
    code, errors, _ = interrupt(
        tmp_path / "temporary", seconds, "grade", assignment, "--json", target
    )  # fmt: skip
    assert_interrupted(code, errors)
    assert target.exists() == (code == 0), "half a record"


@pytest.mark.parametrize("seconds", moments(2, 2))
def test_batch(seconds: float, assignment: Path, tmp_path: Path) -> None:
    inbox, book = assignment.parents[1], tmp_path / "class.sqlite"
    ended = interrupt(
        tmp_path / "temporary", seconds, "batch", inbox, "--gradebook", book, "--jobs", "1"
    )
    assert_interrupted(*ended)


@pytest.mark.parametrize("level", ["auto", "plain"])
def test_watch(level: str, assignment: Path, tmp_path: Path) -> None:
    seconds = moments(3, 2)[level == "plain"]
    code, errors, printed = interrupt(
        tmp_path / "temporary", seconds, "watch", assignment, "--sandbox", level
    )  # fmt: skip
    assert "Traceback" not in errors
    assert code == 130, errors
    lines = [line for line in errors.splitlines() if line.startswith("error:")]
    watched = "the watch has ended" in printed
    assert lines == ([] if watched else ["error: interrupted"]), errors


def test_next(assignment: Path, tmp_path: Path) -> None:
    assert_interrupted(*interrupt(tmp_path / "temporary", moments(4, 1)[0], "next", assignment))


def test_doctor(tmp_path: Path) -> None:
    assert_interrupted(*interrupt(tmp_path / "temporary", moments(5, 1)[0], "doctor"))


def test_stats(tmp_path: Path) -> None:
    path, target = tmp_path / "class.sqlite", tmp_path / "stats.json"
    with Gradebook(path, create=True) as book:
        for number in range(50):
            book.add(new_grade(f"s{number}", record(check("a"))))
    arguments = ("stats", path, "--json", target, "--plot", tmp_path / "stats.png")
    assert_interrupted(*interrupt(tmp_path / "temporary", moments(6, 1)[0] / 4, *arguments))
