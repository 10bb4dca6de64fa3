"""Rounds of training: how many, at which rates, and of which network."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from grader.patience import RATES, attempts

STUDENT: Any = SimpleNamespace(limited=lambda cpu_s: nullcontext())


def test_rounds_come_at_each_rate_on_a_fresh_network() -> None:
    told: list[tuple[int, int, float]] = []
    made = iter(range(9))
    build: Any = lambda: next(made)  # noqa: E731
    rounds = attempts(STUDENT, build, lambda *round_: told.append(round_), (3, 7))
    assert list(rounds) == [0, 0, 1, 1]
    assert told == [(n, steps, rate) for n, rate in enumerate(RATES) for steps in (3, 7)]


def test_no_round_is_made_that_nobody_asks_for() -> None:
    told: list[Any] = []
    build: Any = lambda: 0  # noqa: E731
    next(attempts(STUDENT, build, lambda *round_: told.append(round_), (3, 7)))
    assert told == [(0, 3, RATES[0])]
