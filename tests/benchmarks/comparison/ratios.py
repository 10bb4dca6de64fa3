"""Which ratios are guarded, how far each may grow, and what is said of one that has grown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .timing import rounded


@dataclass(frozen=True)
class Ratio:
    """What is guarded.

    Attributes:
        says: What the ratio is of, ours first.
        bound: Times the committed ratio that it may be.
        everywhere: Whether it can be measured on each machine.
    """

    says: str
    bound: float = 2.5
    everywhere: bool = True


RATIOS: Mapping[str, Ratio] = {
    "help": Ratio("python -m grader --help / starting Python", 3.0),
    "grade": Ratio("a grade of two tasks, plain, started anew / import torch"),
    "warm_grade": Ratio("the same grade, warm in a box / import torch", 4.0, False),
    "contrastive": Ratio("our contrastive loss and gradient / the plain formula by cdist", 3.0),
    "tails": Ratio("our Weibull fits / SciPy's", 3.0),
    "auroc": Ratio("our AUROC / scikit-learn's", 3.0),
    "training": Ratio("a training / products of matrices with as much arithmetic", 3.0),
    "inference": Ratio("predictions / products of matrices with as much arithmetic", 3.0),
}


@dataclass(frozen=True)
class Verdict:
    """One ratio, held against the committed one.

    Attributes:
        name: In `RATIOS`.
        now: As measured; None where it could not be.
        committed: None where nothing is.
        slower: Whether it lies above its bound, or was not measured where it should have been.
    """

    name: str
    now: float | None
    committed: float | None
    slower: bool


def judge(now: Mapping[str, Any], committed: Mapping[str, Any]) -> list[Verdict]:
    """Hold ratios against the committed ones, by the best of their rounds: noise only adds time.

    Args:
        now: `ratios` of `measure`.
        committed: The same of the committed run.
    """
    verdicts = []
    for name, ratio in RATIOS.items():
        mine = now[name]["low"] if name in now else None
        theirs = committed[name]["median"] if name in committed else None
        if mine is None:
            slower = theirs is not None and ratio.everywhere
        else:
            slower = theirs is not None and mine > ratio.bound * theirs
        verdicts.append(Verdict(name, mine, theirs, slower))
    return verdicts


def table(verdicts: Sequence[Verdict]) -> list[tuple[str, str, str, str, str]]:
    """Rows for people: what, now, committed, bound, and what came of it."""

    def text(value: float | None) -> str:
        return "-" if value is None else f"{rounded(value):g}"

    rows = []
    for verdict in verdicts:
        ratio = RATIOS[verdict.name]
        bound = None if verdict.committed is None else ratio.bound * verdict.committed
        if verdict.now is None:
            said = "not measured" if verdict.slower else "not on this machine"
        elif verdict.committed is None:
            said = "nothing to compare with"
        else:
            said = "slower" if verdict.slower else "ok"
        rows.append((ratio.says, text(verdict.now), text(verdict.committed), text(bound), said))
    return rows
