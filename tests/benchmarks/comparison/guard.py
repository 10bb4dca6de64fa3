"""Has something become slow? A few ratios, measured again and held against the committed ones.

No seconds: each ratio is of two things that run in turn on the same machine, ours and a yardstick
that does not change with this project. Bounds are as wide as noise on a shared machine makes them.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from grader.sandbox import bwrap

from . import contrastive, grading, metrics
from .inference import Predicting
from .products import counted, operations, product
from .staged import ask, stage
from .timing import in_turn, quotients, stopwatch

Ratios = dict[str, dict[str, float]]


def measure(quick: bool) -> dict[str, Any]:
    """The ratios, each with its spread over rounds; those that this machine cannot have are left
    out."""
    torch.set_num_threads(1)  # a second one waits for whatever else runs
    rounds = 3 if quick else 7
    found: Ratios = {}
    for measure_some in (_commands, _functions, _networks):
        found |= measure_some(rounds)
    return {"ratios": found, "rounds": rounds, "threads": 1}


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
