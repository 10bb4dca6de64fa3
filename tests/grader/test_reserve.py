"""A worker in reserve: given the submission, or ended, whatever happens."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from grader.sandbox import Box
from grader.sandbox.reserve import ReserveSandbox


class Inner:
    """A level whose workers only wait."""

    level = isolation = "pretended"

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        wait = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        return subprocess.Popen(
            wait, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def members(self, process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        return [psutil.Process(process.pid)]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.communicate()


def lay_out(folder: Path, **files: str) -> Box:
    (folder / "box" / "assignment").mkdir(parents=True)
    for name, text in files.items():
        (folder / "box" / "assignment" / f"{name}.py").write_text(text, encoding="utf-8")
    return Box(folder / "box", folder / "scratch")


def test_the_waiting_worker_is_given_the_submission(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    reserve = ReserveSandbox(Inner(), lay_out, root)
    reserve.prepare()
    process = reserve.start(lay_out(tmp_path / "staged", threshold="x = 1\n"))
    (given,) = root.glob("*/box/assignment/threshold.py")
    assert given.read_text(encoding="utf-8") == "x = 1\n"
    reserve.kill(process)
    assert not list(root.iterdir())
    reserve.close()


def test_a_worker_that_cannot_be_given_it_is_ended(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    reserve = ReserveSandbox(Inner(), lay_out, root)
    earlier = set(psutil.Process().children())
    reserve.prepare()
    (worker,) = set(psutil.Process().children()) - earlier
    (own,) = root.glob("*/box/assignment")
    shutil.rmtree(own)  # stands for a disk that is full
    with pytest.raises(OSError, match=r"threshold\.py"):
        reserve.start(lay_out(tmp_path / "staged", threshold="x = 1\n"))
    assert not worker.is_running()
    assert not list(root.iterdir())
