"""How near each comparison of the checks comes to its tolerance: `expect_close`, listened to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from grader import expect

Number = np.ndarray | float


@dataclass(frozen=True)
class Deviation:
    """The widest element of one comparison: |actual - expected| beside what is allowed there."""

    what: str
    deviation: float
    allowed: float

    @property
    def ratio(self) -> float:
        """The share of the tolerance that is used up; above 1 the check fails."""
        return self.deviation / self.allowed


def measure(
    what: str, actual: Number, expected: Number, relative: float, absolute: float
) -> Deviation | None:
    """The widest element, None where there is nothing to compare."""
    found, wanted = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    if found.shape != wanted.shape or not found.size or not np.isfinite(found).all():
        return None  # the check fails of itself
    deviation = np.abs(found - wanted).ravel()
    allowed = (absolute + relative * np.abs(wanted)).ravel()
    worst = int((deviation / allowed).argmax())
    return Deviation(what, float(deviation[worst]), float(allowed[worst]))


@contextmanager
def recording() -> Iterator[list[Deviation]]:
    """Collect the deviation of every comparison that is made meanwhile, wherever it is made.

    The checks hold the function by name, and pytest may import them before or during this: so it
    is put into every module that has it, and taken out of every one that has got it.
    """
    found: list[Deviation] = []
    original = expect.expect_close

    def listen(
        what: str,
        actual: Number,
        expected: Number,
        *,
        relative: float = 1e-4,
        absolute: float = 1e-5,
        because: str = "",
    ) -> None:
        seen = measure(what, actual, expected, relative, absolute)
        found.extend([seen] if seen else [])
        original(what, actual, expected, relative=relative, absolute=absolute, because=because)

    _replace(original, listen)
    try:
        yield found
    finally:
        _replace(listen, original)


def _replace(old: object, new: object) -> None:
    for module in _holders(old):
        module.expect_close = new  # type: ignore[attr-defined]


def _holders(function: object) -> list[ModuleType]:
    return [
        module
        for module in list(sys.modules.values())
        if isinstance(module, ModuleType) and vars(module).get("expect_close") is function
    ]
