"""A real worker with hostile modules: whatever they do, the grader goes on and says what it was."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from grader.errors import (
    Crashed,
    Mismatch,
    NotImplementedYet,
    OutOfMemory,
    Raised,
    StudentFailure,
    TimedOut,
)
from grader.student import Student
from tests.grader.boxes import LIMITS, student_of

ERRORS = np.array([1.0, 2.0, 4.0], np.float32)

# One module with many ways to misbehave, chosen by the value of z, so that one worker serves many
# tests and each shows that the next call still works.
THRESHOLD = """
    import os, signal, subprocess, sys, time
    import torch

    def good(): return torch.tensor(5.0)
    def loops():
        while True: pass
    def sleeps(): time.sleep(60)
    def swallows():
        while True:
            try:
                while True: time.sleep(0.01)
            except BaseException: pass
    def leaves(): os._exit(0)
    def exits(): sys.exit(0)
    def raises(): raise ValueError("a reason")
    def raises_markup(): raise ValueError("[bold]x[/]\\nsecond line")
    def raises_unprintable():
        class Odd(Exception):
            def __str__(self): raise RuntimeError
        raise Odd
    def interrupts(): raise KeyboardInterrupt
    def stub(): raise NotImplementedError("task 4, threshold: do it")
    def torch_lacks(): return torch.empty((), device="meta")
    def allocates(): return torch.ones(10 ** 12)
    def grows():
        kept = []
        while True: kept.append(bytearray(os.urandom(1 << 20) * 16))
    def recurses(): return recurses() + 1
    def segfaults(): os.kill(os.getpid(), signal.SIGSEGV)
    def prints(): print("x" * 10_000_000); return good()
    def writes_to_1(): os.write(1, b"\\xff" * 100_000); return good()
    def closes_stdout(): sys.stdout.close(); return good()
    def removes_stdout(): sys.stdout = sys.stderr = None; return good()
    def reads(): return torch.tensor(float(len(sys.stdin.read()) + len(os.read(0, 10))))
    def fds():
        for fd in os.listdir("/proc/self/fd"):
            try:
                link = os.readlink(f"/proc/self/fd/{fd}")
            except OSError: continue
            if link.startswith("pipe:") and int(fd) > 2: yield int(fd)
    def garbage_on_the_pipe():
        for fd in fds():
            try: os.write(fd, b"{} not a frame" * 10)
            except OSError: pass
        return good()
    def forges():
        import json, struct
        text = json.dumps({"value": 5}).encode()
        for fd in fds():
            try: os.write(fd, struct.pack("!IQ", len(text), 0) + text)
            except OSError: pass
        time.sleep(60)
    def closes_the_pipe():
        for fd in fds(): os.close(fd)
        return good()
    def too_large(): return torch.zeros(300 << 20, dtype=torch.uint8)
    def complex_(): return torch.tensor(1 + 2j)
    def object_(): return object()
    def none(): return None
    def text(): return "seven"
    def not_scalar(): return torch.zeros(2)
    def boolean(): return torch.tensor(True)

    def adaptive_threshold(errors, z=3.0):
        result = NAMES[int(z)]()
        return result

    NAMES = [value for value in list(globals().values()) if callable(value)
             and getattr(value, "__module__", "") == __name__
             and value.__name__ != "adaptive_threshold"]
"""
ORDER = [
    line.split("def ")[1].split("(")[0]
    for line in THRESHOLD.splitlines()
    if line.startswith("    def ") and "adaptive" not in line
]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    """One student for the whole module; a dead worker is replaced by the channel itself."""
    with student_of(tmp_path_factory.mktemp("box"), threshold=THRESHOLD) as (student, _):
        yield student


def do(student: Student, name: str) -> float:
    """Let the module above do one of its things."""
    return student.adaptive_threshold(ERRORS, z=ORDER.index(name))


@pytest.mark.parametrize(
    ("name", "failure", "words"),
    [
        ("loops", TimedOut, "1 s of CPU time"),
        ("leaves", Crashed, "exit code 0"),
        ("exits", Raised, "SystemExit"),
        ("raises", Raised, "ValueError: a reason (threshold.py:"),
        ("raises_markup", Raised, "[bold]x[/]"),
        ("raises_unprintable", Raised, "Odd"),
        ("interrupts", Raised, "KeyboardInterrupt"),
        ("stub", NotImplementedYet, "task 4, threshold: do it"),
        ("torch_lacks", Raised, ""),
        ("allocates", OutOfMemory, ""),
        ("recurses", Raised, "RecursionError"),
        ("segfaults", Crashed, "signal 11"),
        ("garbage_on_the_pipe", Crashed, "broke off"),
        ("closes_the_pipe", Crashed, ""),
        pytest.param("too_large", (Crashed, TimedOut), "", marks=pytest.mark.slow),
        ("complex_", Mismatch, "complex"),
        ("object_", Mismatch, "must be a torch.Tensor"),
        ("none", Mismatch, "it is None"),
        ("text", Mismatch, "'seven'"),
        ("not_scalar", Mismatch, "0-dim"),
        ("boolean", Mismatch, "bool"),
    ],
)
def test_misbehaviour_is_named_and_the_next_call_works(
    student: Student, name: str, failure: type[Exception] | tuple[type[Exception], ...], words: str
) -> None:
    with pytest.raises(failure) as caught:
        do(student, name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert do(student, "good") == 5.0


@pytest.mark.parametrize("name", ["prints", "writes_to_1", "closes_stdout", "removes_stdout"])
def test_output_never_disturbs_the_answer(student: Student, name: str) -> None:
    assert do(student, name) == 5.0
    assert do(student, "good") == 5.0


def test_standard_input_is_empty(student: Student) -> None:
    assert do(student, "reads") == 0.0


@pytest.mark.parametrize("name", ["sleeps", "swallows"])
@pytest.mark.slow
def test_wall_clock_ends_what_uses_no_cpu(tmp_path: Path, name: str) -> None:
    limits = dataclasses.replace(LIMITS, wall_s=0.5)
    with student_of(tmp_path / "box", limits=limits, threshold=THRESHOLD) as (student, _):
        with pytest.raises(TimedOut, match=r"0\.5 s: does it wait"):
            do(student, name)
        assert do(student, "good") == 5.0


@pytest.mark.slow
def test_resident_memory_is_watched(tmp_path: Path) -> None:
    limits = dataclasses.replace(LIMITS, cpu_s=30.0, memory_mb=700)
    with student_of(tmp_path / "box", limits=limits, threshold=THRESHOLD) as (student, _):
        with pytest.raises(OutOfMemory):
            do(student, "grows")
        assert do(student, "good") == 5.0


@pytest.mark.slow
def test_forged_reply_is_the_students_fault(tmp_path: Path) -> None:
    """A frame of the wrong form must not look like the grader's own failure."""
    with student_of(tmp_path / "box", threshold=THRESHOLD) as (student, _):
        with pytest.raises((StudentFailure, Mismatch)):
            do(student, "forges")
        student.begin(0)


ODD_EVALUATIONS = [
    "Evaluation(10 ** 400, 0.5, 0.5)",
    "Evaluation('a', 'b', 'c')",
    "Evaluation(None, 1, 1)",
    "Evaluation(torch.ones(2), 1.0, 1.0)",
    "(1.0, 1.0, 1.0)",
    "None",
    "model",
    "[[]] * 3",
    "{'known_accuracy': 1.0}",
    "Evaluation(1, 1, 1)._fields",
    "type('Evaluation', (tuple,), {'_fields': Evaluation._fields})(())",
]


@pytest.fixture(scope="module")
def odd_student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    """Its eval_model returns the odd thing whose number is the first label."""
    cases = ", ".join(f"lambda model: {text}" for text in ODD_EVALUATIONS)
    text = f"""
        from collections import namedtuple
        import torch
        Evaluation = namedtuple("Evaluation", "known_accuracy unknown_accuracy total_accuracy")
        def eval_model(model, loader, device="cpu"):
            _, labels = next(iter(loader))
            return [{cases}][int(labels[0])](model)
    """
    with student_of(tmp_path_factory.mktemp("box"), evaluation=text) as (student, _):
        yield student


@pytest.mark.parametrize("number", range(len(ODD_EVALUATIONS)), ids=ODD_EVALUATIONS)
def test_odd_evaluations_are_mismatches(odd_student: Student, number: int) -> None:
    """Whatever eval_model returns, it is the student's result that is judged."""
    with pytest.raises((Mismatch, StudentFailure)):
        odd_student.evaluate([(np.array([number]), np.array([1]))])


def test_printed_output_is_kept_up_to_a_limit(tmp_path: Path) -> None:
    with student_of(tmp_path / "box", threshold=THRESHOLD) as (student, channel):
        do(student, "prints")
        wait_for(lambda: len(channel.printed()) > 0)
        assert set(channel.printed()) == {"x"}
        assert len(channel.printed()) <= 16 << 10


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


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


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
from grader.channel import Limits
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


class TestIsolation:
    """What a worker can see of the grader."""

    def test_environment_is_scrubbed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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

    def test_grader_is_out_of_reach_by_import(self, tmp_path: Path) -> None:
        """The editable install would put the whole project on the path."""
        text = """
            import importlib.util, sys, torch
            def adaptive_threshold(errors, z=3.0):
                names = ("grader", "solutions", "datasets", "tests", "pytest")
                return " ".join(n for n in names if n in sys.modules)
        """
        with (
            student_of(tmp_path / "box", threshold=text) as (student, _),
            pytest.raises(Mismatch, match="it is ''"),
        ):
            student.adaptive_threshold(ERRORS)

    def test_current_and_temporary_folder_are_the_boxes_own(self, tmp_path: Path) -> None:
        text = """
            import os, tempfile
            def adaptive_threshold(errors, z=3.0):
                open("left.txt", "w").close()
                return os.getcwd() + " " + tempfile.gettempdir() + " " + os.path.expanduser("~")
        """
        scratch = (tmp_path / "box" / "scratch").resolve()
        with (
            student_of(tmp_path / "box", threshold=text) as (student, _),
            pytest.raises(Mismatch) as caught,
        ):
            student.adaptive_threshold(ERRORS)
        assert str(caught.value).count(str(scratch)[:20]) >= 1
        assert (scratch / "left.txt").exists()

    def test_worker_survives_a_closed_grader(self, tmp_path: Path) -> None:
        """When the grader goes away the worker ends by itself."""
        with student_of(tmp_path / "box", threshold=THRESHOLD) as (student, channel):
            do(student, "good")
            assert channel._process is not None
            assert channel._process.stdin is not None
            worker = psutil.Process(channel._process.pid)
            channel._process.stdin.close()
            psutil.wait_procs([worker], timeout=10)
            assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_worker_is_started_once_and_again_after_a_death(tmp_path: Path) -> None:
    with student_of(tmp_path / "box", threshold=THRESHOLD) as (student, channel):
        do(student, "good")
        do(student, "good")
        with pytest.raises(Raised):
            do(student, "raises")
        assert channel.starts == 1
        with pytest.raises(Crashed):
            do(student, "leaves")
        do(student, "good")
        assert channel.starts == 2


@pytest.mark.slow
def test_module_that_dies_at_import_dies_once(tmp_path: Path) -> None:
    with student_of(tmp_path / "box", threshold="import os\nos._exit(3)\n") as (student, channel):
        for _ in range(3):
            with pytest.raises(Crashed, match=r"threshold\.py.*exit code 3"):
                student.adaptive_threshold(ERRORS)
        assert channel.starts == 1


@pytest.mark.slow
def test_import_is_limited_too(tmp_path: Path) -> None:
    with student_of(tmp_path / "box", threshold="while True: pass") as (student, _):
        for _ in range(2):
            with pytest.raises(TimedOut, match=r"threshold\.py"):
                student.adaptive_threshold(ERRORS)


def test_order_of_names_is_that_of_the_module() -> None:
    assert ORDER[0] == "good"
    assert len(ORDER) == len(set(ORDER))
    assert os.name == "posix"
