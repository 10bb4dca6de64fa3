"""What all calls together may take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.budget import Budget
from grader.errors import Asleep, TimedOut
from grader.student import Student
from tests.grader.boxes import LIMITS, student_of

ERRORS = np.array([1.0, 2.0], np.float32)


def test_each_check_starts_anew() -> None:
    budget = Budget(10, 25)
    budget.spend(10)
    with pytest.raises(TimedOut, match="this check took more than 10 s together"):
        budget.left_s()
    budget.begin_check()
    assert budget.left_s() == 10


def test_all_checks_share_a_budget() -> None:
    budget = Budget(10, 25)
    for seconds in (9, 9):
        budget.spend(seconds)
        budget.begin_check()
    assert budget.left_s() == 7
    budget.spend(8)
    budget.begin_check()
    with pytest.raises(TimedOut, match="25 s in all"):
        budget.left_s()


def test_calls_that_sleep_are_counted() -> None:
    budget = Budget(10, 25, naps=2)
    budget.sleep()
    assert budget.left_s() == 10
    budget.sleep()
    budget.begin_check()
    with pytest.raises(TimedOut, match="2 calls computed nothing"):
        budget.left_s()


SLEEPS = """
    import time
    def adaptive_threshold(errors, z=3.0):
        time.sleep(60)
"""
STOPS = """
    import os, signal
    def adaptive_threshold(errors, z=3.0):
        os.kill(os.getpid(), signal.SIGSTOP)
"""
COMPUTES = """
    def adaptive_threshold(errors, z=3.0):
        while True:
            pass
"""


@pytest.mark.parametrize(("text", "is_asleep"), [(SLEEPS, True), (STOPS, True), (COMPUTES, False)])
def test_who_sleeps_in_every_call_is_not_called_for_ever(
    tmp_path: Path, text: str, is_asleep: bool
) -> None:
    limits = replace(LIMITS, cpu_s=20.0, wall_s=1.0)
    with student_of(tmp_path / "box", threshold=text) as (_, channel):
        student = Student(channel, limits, Budget(60, 60, naps=2), frozenset({"threshold"}))
        student.begin(0)
        for _ in range(2):
            with pytest.raises(TimedOut, match="did not finish within 1 s") as caught:
                student.adaptive_threshold(ERRORS)
            assert isinstance(caught.value, Asleep) == is_asleep
        if is_asleep:
            with pytest.raises(TimedOut, match="2 calls computed nothing"):
                student.begin(0)
        else:
            student.begin(0)


def test_many_slow_calls_are_stopped(tmp_path: Path) -> None:
    """Each of them is within its own limit."""
    text = """
        import time
        def adaptive_threshold(errors, z=3.0):
            time.sleep(0.4)
            return errors.mean()
    """
    with student_of(tmp_path / "box", threshold=text) as (student, channel):
        student.adaptive_threshold(ERRORS)  # the worker is there, the module imported
        hurried = Student(channel, LIMITS, Budget(1.0, 600.0), frozenset({"threshold"}))
        hurried.begin(0)

        def many_calls() -> None:
            for _ in range(50):
                hurried.adaptive_threshold(ERRORS)

        with pytest.raises(TimedOut):
            many_calls()
