"""A real worker with hostile modules: whatever they do, the grader goes on and says what it was."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.errors import (
    Crashed,
    GraderError,
    Mismatch,
    NotImplementedYet,
    OutOfMemory,
    Raised,
    StudentFailure,
    TimedOut,
)
from grader.sandbox import Box, PlainSandbox
from grader.student import Student
from tests.grader.boxes import LIMITS, student_of, wait_for

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
    def segfaults(): signal.raise_signal(signal.SIGSEGV)
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
        pytest.param("too_large", (Raised, TimedOut), "", marks=pytest.mark.slow),
        ("complex_", Mismatch, "complex"),
        ("object_", Mismatch, "must be a torch.Tensor"),
        ("none", Mismatch, "it is None: is a return missing?"),
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


def test_box_that_does_not_start_is_the_graders_fault(tmp_path: Path) -> None:
    """Also after a worker that student code has ended; and it is tried once, not in every check."""
    with student_of(tmp_path / "box", threshold=THRESHOLD) as (student, channel):
        with pytest.raises(Crashed):
            do(student, "leaves")
        channel._sandbox = Refusing()
        for _ in range(2):
            with pytest.raises(GraderError, match="no more processes"):
                do(student, "good")


class Refusing(PlainSandbox):
    """It starts nothing."""

    tried = False

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        assert not self.tried
        self.tried = True
        raise OSError("no more processes")


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
