"""What a worker can see and keep of the machine: its environment, its processes, its pipes."""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from grader.errors import Crashed, Mismatch
from tests.grader.boxes import LIMITS, student_of, wait_for

ERRORS = np.array([1.0, 2.0, 4.0], np.float32)


def test_environment_is_scrubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSR_CANARY", "secret")
    text = """
        import os
        def adaptive_threshold(errors, z=3.0):
            return " ".join(sorted(os.environ))
    """
    with (
        student_of(tmp_path / "box", threshold=text) as (student, _),
        pytest.raises(Mismatch) as caught,
    ):
        student.adaptive_threshold(ERRORS)
    message = str(caught.value)
    assert "HOME" in message
    for name in ("OSR_CANARY", "PYTEST", "PATH", "PYTHON"):
        assert name not in message


def test_grader_is_out_of_reach_by_import(tmp_path: Path) -> None:
    """The editable install would put the whole project on the path."""
    text = """
        import importlib, sys, torch
        def adaptive_threshold(errors, z=3.0):
            names = ("grader", "solutions", "datasets", "tests", "assignment.classifier")
            found = [name for name in (*names, "pytest") if name in sys.modules]
            for name in names:
                try:
                    found.append(importlib.import_module(name).__name__)
                except ModuleNotFoundError:
                    pass
            return " ".join(found)
    """
    with (
        student_of(tmp_path / "box", threshold=text) as (student, _),
        pytest.raises(Mismatch, match="it is ''"),
    ):
        student.adaptive_threshold(ERRORS)


def test_current_and_temporary_folder_are_the_boxes_own(tmp_path: Path) -> None:
    text = """
        import os, tempfile
        def adaptive_threshold(errors, z=3.0):
            open("left.txt", "w").close()
            return os.getcwd() + " " + tempfile.gettempdir() + " " + os.path.expanduser("~")
    """
    with (
        student_of(tmp_path / "box", threshold=text) as (student, _),
        pytest.raises(Mismatch) as caught,
    ):
        student.adaptive_threshold(ERRORS)
    (left,) = (tmp_path / "box").glob("*/scratch/left.txt")
    assert str(caught.value).count(str(left.parent.resolve())[:20]) >= 1


def test_worker_survives_a_closed_grader(tmp_path: Path) -> None:
    """When the grader goes away the worker ends by itself."""
    text = """
        import torch
        def adaptive_threshold(errors, z=3.0): return torch.tensor(1.0)
    """
    with student_of(tmp_path / "box", threshold=text) as (student, channel):
        student.adaptive_threshold(ERRORS)
        assert channel._process is not None
        assert channel._process.stdin is not None
        worker = psutil.Process(channel._process.pid)
        channel._process.stdin.close()
        psutil.wait_procs([worker], timeout=10)
        assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_processes_left_behind_are_gone_afterwards(tmp_path: Path) -> None:
    """Children in the group, and one in a session of its own."""
    text = """
        import subprocess, sys, torch
        def adaptive_threshold(errors, z=3.0):
            sleep = [sys.executable, "-c", "import time; time.sleep(600)", "osr-test-sleeper"]
            for own_session in (False, False, True):
                subprocess.Popen(sleep, start_new_session=own_session)
            return torch.tensor(1.0)
    """
    with student_of(tmp_path / "box", threshold=text) as (student, channel):
        student.adaptive_threshold(ERRORS)
        assert channel._process is not None
        children = psutil.Process(channel._process.pid).children(recursive=True)
        assert len(children) == 3
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert len(gone) == 3, f"still alive: {alive}"


@pytest.mark.slow
def test_too_many_processes(tmp_path: Path) -> None:
    text = """
        import subprocess, time
        def adaptive_threshold(errors, z=3.0):
            for _ in range(8): subprocess.Popen(["sleep", "600"])
            time.sleep(60)
    """
    limits = dataclasses.replace(LIMITS, processes=4)
    with (
        student_of(tmp_path / "box", limits=limits, threshold=text) as (student, _),
        pytest.raises(Crashed, match="more than 4 processes"),
    ):
        student.adaptive_threshold(ERRORS)


def finishes(action: Callable[[], object], seconds: float) -> bool:
    """Whether an action ends by itself; where not, its thread is left to the end of the run."""
    done = threading.Event()

    def act() -> None:
        with contextlib.suppress(Exception):  # how it ends is another test's matter
            action()
        done.set()

    threading.Thread(target=act, daemon=True).start()
    return done.wait(seconds)


@pytest.mark.slow
def test_orphan_that_keeps_the_pipes_open_does_not_hang_the_grader(tmp_path: Path) -> None:
    """A child outside group and tree holds the worker's standard error after the worker's end."""
    text = f"""
        import os, subprocess, sys
        def adaptive_threshold(errors, z=3.0):
            child = subprocess.Popen(["sleep", "30"], start_new_session=True)
            open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
            os._exit(0)
    """
    with student_of(tmp_path / "box", threshold=text) as (student, _):
        ended = finishes(lambda: student.adaptive_threshold(ERRORS), 10)
        psutil.Process(int((tmp_path / "pid").read_text())).kill()  # outside of any level's reach
        assert ended, "the grader waited for a process that the student left behind"


@pytest.mark.slow
def test_worker_that_stops_reading_does_not_hang_the_grader(tmp_path: Path) -> None:
    """A request larger than the pipe, to a worker that has stopped itself."""
    text = """
        import os, signal, threading, torch
        def adaptive_threshold(errors, z=3.0):
            threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGSTOP)).start()
            return torch.tensor(1.0)
    """
    limits = dataclasses.replace(LIMITS, wall_s=2.0)
    with student_of(tmp_path / "box", limits=limits, threshold=text) as (student, channel):
        student.adaptive_threshold(ERRORS)
        assert channel._process is not None
        process = psutil.Process(channel._process.pid)
        wait_for(lambda: process.status() == psutil.STATUS_STOPPED)
        large = {"images": np.zeros((4096, 28, 28), np.uint8)}
        ended = finishes(lambda: student.store(large), 10)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        assert ended, "the grader waits for ever until a stopped worker reads its request"


@pytest.mark.slow
def test_flood_of_frames_does_not_fill_the_graders_memory(tmp_path: Path) -> None:
    """Frames that nobody asked for are not read ahead without bound."""
    text = """
        import json, os, struct, torch
        def adaptive_threshold(errors, z=3.0):
            head = json.dumps({"event": {}}).encode()
            frame = struct.pack("!IQ", len(head), 64 << 20) + head + bytes(64 << 20)
            fds = [int(fd) for fd in os.listdir("/proc/self/fd") if int(fd) > 2]
            for fd in fds:
                try:
                    if os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:"):
                        for _ in range(16): os.write(fd, frame)
                except OSError: pass
            return torch.tensor(1.0)
    """
    code = f"""
import resource, sys, numpy as np
from pathlib import Path
from grader.limits import Limits
from tests.grader.boxes import student_of
limits = Limits(cpu_s=20, wall_s=60, memory_mb=1500, processes=32)
with student_of(Path(sys.argv[1]), limits=limits, threshold={text!r}) as (student, _):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        student.adaptive_threshold(np.ones(3, np.float32))
    except Exception as error:
        print(type(error).__name__, file=sys.stderr)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "box")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert int(done.stdout) < 500, "MiB that unasked frames cost the grader"
