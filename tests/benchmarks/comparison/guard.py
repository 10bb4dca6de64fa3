"""Has something become slow? A few ratios, measured again and held against the committed ones.

No seconds: each ratio is of two things that run in turn on the same machine, ours and a yardstick
that does not change with this project. Bounds are as wide as noise on a shared machine makes them.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from grader.sandbox import bwrap

from . import contrastive, grading, metrics
from .inference import Predicting
from .products import counted, operations, product
from .staged import ask, stage
from .timing import in_turn, quotients, rounded, stopwatch

Ratios = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Ratio:
    """What is guarded.

    Attributes:
        says: What the ratio is of, ours first.
        bound: Times the committed ratio that it may be.
    """

    says: str
    bound: float = 2.5


RATIOS: Mapping[str, Ratio] = {
    "help": Ratio("python -m grader --help / starting Python", 3.0),
    "grade": Ratio("a grade of two tasks, plain, started anew / import torch"),
    "warm_grade": Ratio("the same grade, warm in a box / import torch", 3.0),
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
        slower: Whether it lies above its bound.
    """

    name: str
    now: float | None
    committed: float | None
    slower: bool


def measure(quick: bool) -> dict[str, Any]:
    """The ratios, each with its spread over rounds; those that this machine cannot have are left
    out."""
    torch.set_num_threads(1)  # a second one waits for whatever else runs
    rounds = 3 if quick else 7
    found: Ratios = {}
    for measure_some in (_commands, _functions, _networks):
        found |= measure_some(rounds)
    return {"ratios": found, "rounds": rounds, "threads": 1}


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
        slower = mine is not None and theirs is not None and mine > ratio.bound * theirs
        verdicts.append(Verdict(name, mine, theirs, slower))
    return verdicts


def _commands(rounds: int) -> Ratios:
    only = ["import torch", "plain, cold", *(() if bwrap.why_not() else ("bwrap, warm",))]
    taken = grading.time_in_turn(grading.FEW, min(rounds, 3), only)
    started = in_turn(
        {
            "ours": _command("-m", "grader", "--help"),
            "unit": _command("-c", "import json, argparse"),
        },
        rounds,
    )
    found = {
        "help": quotients(started["ours"], started["unit"]),
        "grade": quotients(taken["plain, cold"], taken["import torch"]),
    }
    if "bwrap, warm" in taken:
        found["warm_grade"] = quotients(taken["bwrap, warm"], taken["import torch"])
    return found


def _command(*words: str) -> Callable[[], float]:
    return stopwatch(
        functools.partial(
            subprocess.run, [sys.executable, *words], stdout=subprocess.DEVNULL, check=True
        )
    )


def _functions(rounds: int) -> Ratios:
    embeddings, labels = contrastive.draw(contrastive.BATCHES[0])
    contrastive.require_same(contrastive.ours, contrastive.plain, embeddings, labels)
    tails = metrics.draw_tails(5)
    known, unknown, _ = metrics.draw(metrics.IMAGES)
    auroc, theirs = metrics.aurocs(known, unknown)
    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "contrastive": (
            lambda: contrastive.step(contrastive.ours, embeddings, labels),
            lambda: contrastive.step(contrastive.plain, embeddings, labels),
        ),
        "tails": (lambda: metrics.our_tails(tails), lambda: metrics.scipys_tails(tails)),
        "auroc": (auroc, theirs),
    }
    found = {}
    for name, (ours, other) in pairs.items():
        cases = {"ours": stopwatch(ours, 0.05), "unit": stopwatch(other, 0.05)}
        taken = in_turn(cases, rounds)
        found[name] = quotients(taken["ours"], taken["unit"])
    return found


def _networks(rounds: int) -> Ratios:
    images = torch.zeros(500, 1, 28, 28)
    predict = Predicting()
    arithmetic = counted(lambda: predict(images, torch.float32))
    cases = {
        "ours": stopwatch(lambda: predict(images, torch.float32), 0.05),
        "unit": product(torch.float32, least_s=0.05),
    }
    taken = in_turn(cases, rounds)
    whole = [arithmetic / operations() * seconds for seconds in taken["unit"]]
    with tempfile.TemporaryDirectory() as folder:
        floor = ask(stage(Path(folder)), "floor", {"rounds": min(rounds, 3)})
    return {"inference": quotients(taken["ours"], whole), "training": floor["times_the_floor"]}


def table(verdicts: Sequence[Verdict]) -> list[tuple[str, str, str, str, str]]:
    """Rows for people: what, now, committed, bound, and what came of it."""

    def text(value: float | None) -> str:
        return "-" if value is None else f"{rounded(value):g}"

    rows = []
    for verdict in verdicts:
        ratio = RATIOS[verdict.name]
        bound = None if verdict.committed is None else ratio.bound * verdict.committed
        if verdict.now is None:
            said = "not on this machine"
        elif verdict.committed is None:
            said = "nothing to compare with"
        else:
            said = "slower" if verdict.slower else "ok"
        rows.append((ratio.says, text(verdict.now), text(verdict.committed), text(bound), said))
    return rows
