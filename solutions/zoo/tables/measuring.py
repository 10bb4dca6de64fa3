"""Measure every method that shares one network, for one problem and one seed."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import nn

from solutions.errors import UserError
from solutions.zoo.known import split
from solutions.zoo.method import UNKNOWN, Method, Spec, seen_by
from solutions.zoo.metrics.f1 import macro_f1_curve
from solutions.zoo.metrics.sign import SignWarning
from solutions.zoo.metrics.summary import summary
from solutions.zoo.outputs import Outputs, outputs_of
from solutions.zoo.rules import Conformal
from solutions.zoo.tables.fingerprint import fingerprint
from solutions.zoo.tables.problems import Problem
from solutions.zoo.training import Budget

Cell = dict[str, Any]  # JSON: the numbers of one method, problem, seed and budget
# Shares of held-out known images that the thresholds of the macro-F1 curve reject.
CURVE = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
# Families whose macro-F1 curves are drawn: those that CROSR published figures for.
CURVE_FAMILIES = ("omniglot", "noise", "mnist_noise")


@dataclass(frozen=True, eq=False)
class Tested:
    """What a network says about the test images of a problem.

    Attributes:
        known: About the known ones.
        unknowns: About each unknown family.
    """

    known: Outputs
    unknowns: dict[str, Outputs]


def tested_by(network: nn.Module, problem: Problem) -> Tested:
    """What a network says about the test images of a problem."""
    return Tested(
        outputs_of(network, problem.test),
        {name: outputs_of(network, images) for name, images in problem.unknowns.items()},
    )


def measure(
    problem: Problem, specs: Sequence[Spec], seed: int, budget: Budget
) -> tuple[list[Cell], list[str]]:
    """Train the network that the methods share, then measure each method on it.

    Args:
        problem: What to learn and to be tested on.
        specs: Methods of one training.
        seed: Of the split, the weights and the order of images.
        budget: Of the training.

    Returns:
        The cells, and a line for each method that could not be fitted.
    """
    where = f"{problem.name}, seed {seed}"
    train, heldout = split(problem.known, seed)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        network = specs[0].training.fit(train, seed, budget)
        spent = {
            "train_wall_s": round(time.perf_counter() - wall, 2),
            "train_cpu_s": round(time.process_time() - cpu, 2),
        }
        seen = seen_by(network, specs, train, heldout)
        tested = tested_by(network, problem)
    except UserError as error:
        return [], [f"{where}: {specs[0].training.name}: {error}"]
    cells, failures = [], []
    for spec in specs:
        began = time.process_time()
        try:
            method = Method(spec, seed, budget).fit_score(network, *seen)
            numbers = evaluate(method, problem, seen[1].outputs, tested)
        except UserError as error:
            failures.append(f"{where}: {spec.name}: {error}")
            continue
        cells.append(
            {
                "problem": problem.name,
                "method": spec.name,
                "seed": seed,
                "budget": budget,
                "fingerprint": fingerprint(spec, budget),
                **spent,
                "score_cpu_s": round(time.process_time() - began, 2),
                **numbers,
            }
        )
    return cells, failures


def evaluate(method: Method, problem: Problem, heldout: Outputs, tested: Tested) -> dict[str, Any]:
    """The numbers of a fitted method: threshold, nominal rejection, summary and macro-F1 curves.

    Args:
        method: Fitted.
        problem: Whose test images.
        heldout: What its network says of the held-out images.
        tested: What it says of the test images.
    """
    num_known = problem.known.num_classes
    known = _said(method, tested.known, problem.labels)
    unknowns = {name: _said(method, outputs) for name, outputs in tested.unknowns.items()}
    everything = _together(known, *unknowns.values())
    families = [["known"] * len(known.labels)]
    families += [[name] * len(said.labels) for name, said in unknowns.items()]
    with warnings.catch_warnings():
        # An AUROC below .5 stands in the table, where it speaks for itself.
        warnings.simplefilter("ignore", SignWarning)
        measured = summary(
            everything.labels,
            everything.closed_set,
            everything.scores,
            method.threshold,
            np.concatenate(families),
            num_known,
        )
    thresholds = _curve_thresholds(method.score(heldout).double().numpy())
    curves = {}
    for name in (family for family in CURVE_FAMILIES if family in unknowns):
        both = _together(known, unknowns[name])
        curve = macro_f1_curve(both.labels, both.closed_set, both.scores, thresholds, num_known)
        curves[name] = curve.values.tolist()
    return {
        "threshold": method.threshold if math.isfinite(method.threshold) else None,
        "nominal": method.spec.rule.nominal,
        "summary": _rounded(measured.to_dict()),
        "f1_curves": _rounded(curves),
    }


class _Said(NamedTuple):
    """What a method says of test images, a row an image."""

    labels: NDArray[np.int64]
    closed_set: NDArray[np.int64]
    scores: NDArray[np.float64]


def _said(method: Method, outputs: Outputs, labels: NDArray[np.int64] | None = None) -> _Said:
    closed_set = outputs["logits"].argmax(dim=1).numpy()
    scores = method.score(outputs).double().numpy()
    return _Said(np.full(len(scores), UNKNOWN) if labels is None else labels, closed_set, scores)


def _together(*parts: _Said) -> _Said:
    labels, closed_set, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Said(labels, closed_set, scores)


def _curve_thresholds(heldout: NDArray[np.float64]) -> list[float]:
    return [Conformal(alpha).threshold(heldout) for alpha in CURVE]


def _rounded(value: Any) -> Any:
    """Numbers with six places, all the way down."""
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 6) if isinstance(value, float) else value
