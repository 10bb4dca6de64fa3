"""Several ways to do one thing, timed in turn: what the machine does meanwhile hits them all."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Seconds = dict[str, list[float]]  # by case, one a round
MOST_REPEATS = 10_000


def in_turn(cases: Mapping[str, Callable[[], float]], rounds: int) -> Seconds:
    """Let each case measure itself once a round, every other round in reversed order.

    Args:
        cases: By name; each returns the seconds that it took.
        rounds: How many.
    """
    taken: Seconds = {name: [] for name in cases}
    for number in range(rounds):
        for name in list(cases) if number % 2 == 0 else reversed(list(cases)):
            taken[name].append(cases[name]())
    return taken


def stopwatch(call: Callable[[], Any], least_s: float = 0.0) -> Callable[[], float]:
    """A case for `in_turn`: mean seconds of a call, after one that is not timed.

    Args:
        call: What to time.
        least_s: So long at least one measurement lasts; short calls are repeated.
    """
    call()
    repeats = 1
    if least_s:
        repeats = min(MOST_REPEATS, max(1, math.ceil(least_s / max(_seconds(call, 1), 1e-9))))
    return lambda: _seconds(call, repeats) / repeats


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, lowest and highest of one or more values."""
    return {
        "median": rounded(statistics.median(values)),
        "low": rounded(min(values)),
        "high": rounded(max(values)),
    }


def quotients(of: Sequence[float], to: Sequence[float]) -> dict[str, float]:
    """The spread of `of / to`, round by round: what drifts between rounds cancels out."""
    return spread([one / other for one, other in zip(of, to, strict=True)])


def rounded(value: float) -> float:
    """Four digits that count: more would pretend."""
    return float(f"{value:.4g}")


def _seconds(call: Callable[[], Any], repeats: int) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return time.perf_counter() - started
