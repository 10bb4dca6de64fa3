"""Many cases of every target, counted; what is neither a result nor a refusal is a fault."""

from __future__ import annotations

import contextlib
import resource
import signal
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fuzz import archives, frames, manifests, notebooks
from tests.fuzz.target import Target

SCHEMA = "osr-fuzz/1"
TARGETS = [*frames.TARGETS, *archives.TARGETS, *manifests.TARGETS, *notebooks.TARGETS]
PATIENCE_S = 20  # for one case; far more than any needs, also on a busy machine
KEPT_FAULTS = 5


class Hung(BaseException):
    """A case took so long that it counts as endless; no reader may swallow it."""


@dataclass
class Tally:
    """What became of one target's cases.

    `peak_mb` is by how much the process's largest resident memory grew meanwhile.
    """

    target: str
    cases: int = 0
    accepted: int = 0
    refused: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    peak_mb: float = 0.0
    seconds: float = 0.0


def choose(only: str = "") -> list[Target]:
    """The targets with this in their name."""
    return [target for target in TARGETS if only in target.name]


def run(target: Target, cases: int, seed: int) -> Tally:
    """Run so many cases of a target; the same seed gives the same ones."""
    tally = Tally(target.name)
    before, started = _peak_mb(), time.monotonic()
    for number in range(cases):
        data = case(target, seed, number)
        tally.cases += 1
        try:
            accepted = try_case(target, data)
        except (Exception, Hung) as error:
            if len(tally.faults) < KEPT_FAULTS:
                tally.faults.append(_fault(number, data, error))
            continue
        tally.accepted += accepted
        tally.refused += not accepted
    tally.seconds = round(time.monotonic() - started, 1)
    tally.peak_mb = round(_peak_mb() - before, 1)
    return tally


def case(target: Target, seed: int, number: int) -> bytes:
    """One case, which does not depend on those before it."""
    return target.make(Random(f"{seed} {target.name} {number}"))


def try_case(target: Target, data: bytes) -> bool:
    """Whether the reader takes it; raises what the reader must not raise."""
    with _alarm():
        try:
            target.read(data)
        except target.refusals:
            return False
    return True


def share_out(targets: Iterable[Target], cases: int) -> dict[str, int]:
    """How many cases each target gets, at least one."""
    targets = list(targets)
    total = sum(target.share for target in targets)
    return {target.name: max(1, -(-cases * target.share // total)) for target in targets}


def table(tallies: Iterable[Tally]) -> str:
    """One line a target."""
    row = "{:22}{:>10}{:>10}{:>10}{:>8}{:>9}{:>9}"
    lines = [row.format("target", "cases", "accepted", "refused", "faults", "peak MB", "seconds")]
    tallies = list(tallies)
    for one in tallies:
        faults = one.cases - one.accepted - one.refused
        lines.append(
            row.format(
                one.target, one.cases, one.accepted, one.refused, faults, one.peak_mb, one.seconds
            )
        )
    lines.append(f"{sum(one.cases for one in tallies)} cases")
    return "\n".join(lines)


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    """End what does not end, also where it swallows every Exception."""
    earlier = signal.signal(signal.SIGALRM, _hang)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def _hang(*_: Any) -> None:
    raise Hung(f"no end after {PATIENCE_S} s")


def _fault(number: int, data: bytes, error: BaseException) -> dict[str, Any]:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return {
        "case": number,
        "error": f"{type(error).__name__}: {error}"[:500],
        "place": f"{where.name}, line {where.lineno}",
        "data": data[:4000].hex(),
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
