"""AUROC, AUPR, FPR95 and OSCR beside scikit-learn's and pytorch-ood's; tails beside SciPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.errors import GraderError
from solutions.zoo.metrics.aupr import aupr_in, aupr_out
from solutions.zoo.metrics.auroc import auroc
from solutions.zoo.metrics.fpr import fpr_at_tpr
from solutions.zoo.metrics.oscr import oscr_area
from solutions.zoo.scores.weibull import SHIFT, fit_tail

from .peers import pytorch_ood
from .row import named, row
from .timing import in_turn, stopwatch

IMAGES = 10_000  # of each side
TAIL, TAILS = 20, 30
AGREE = 1e-6  # relative
TAILS_AGREE = 1e-3  # SciPy's search ends where it thinks it is near enough
Values = tuple[float, ...]


def measure(quick: bool) -> dict[str, Any]:
    """A line for each peer and each thing that it can do as well."""
    images, rounds, tails = (1000, 3, 5) if quick else (IMAGES, 11, TAILS)
    known, unknown, correct = draw(images)
    rows = []
    for what, peer, one, other, note in (
        *_against_scikit_learn(known, unknown),
        *_against_pytorch_ood(known, unknown, correct),
        *_tails(tails),
    ):
        require_same(what, one, other)
        least_s = 0.02 if quick else 0.1
        taken = in_turn(
            {"ours": stopwatch(one, least_s), "peer": stopwatch(other, least_s)}, rounds
        )
        rows.append(row(what, taken["ours"], peer, taken["peer"], note))
    return {"rows": rows, "images": images, "tails": tails}


def draw(images: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Scores of known and unknown images, overlapping, and whether each known one is right."""
    random = np.random.default_rng(0)
    return (
        random.normal(0, 1, images),
        random.normal(1.5, 1, images),
        random.random(images) < 0.95,
    )


def draw_tails(count: int) -> list[NDArray[np.float64]]:
    """The largest distances of classes of 2,000 images whose spreads differ."""
    random = np.random.default_rng(0)
    return [
        np.sort(random.gamma(random.uniform(1, 20), 10, 2000))[-TAIL:].copy() for _ in range(count)
    ]


def our_tails(tails: list[NDArray[np.float64]]) -> Values:
    """The shape of each, by ours."""
    return tuple(fit_tail(tail).shape for tail in tails)


def scipys_tails(tails: list[NDArray[np.float64]]) -> Values:
    """The shape of each, by SciPy."""
    from scipy.stats import weibull_min

    return tuple(weibull_min.fit(tail - tail.min() + SHIFT, floc=0)[0] for tail in tails)


def aurocs(
    known: NDArray[np.float64], unknown: NDArray[np.float64]
) -> tuple[Callable[[], Values], Callable[[], Values]]:
    """Ours and scikit-learn's."""
    from sklearn.metrics import roc_auc_score

    scores = np.concatenate([known, unknown])
    truth = np.arange(len(scores)) >= len(known)
    return (
        lambda: (auroc(known, unknown),),
        lambda: (float(roc_auc_score(truth, scores)),),
    )


def require_same(what: str, one: Callable[[], Values], other: Callable[[], Values]) -> None:
    """Does nothing where both give the same numbers.

    Raises:
        GraderError: They do not: timing them would compare two different things.
    """
    limit = TAILS_AGREE if what.startswith("Weibull") else AGREE
    found, expected = one(), other()
    if not np.allclose(found, expected, rtol=limit, atol=0):
        raise GraderError(f"{what}: ours {found[:4]}, theirs {expected[:4]}")


Line = tuple[str, str, Callable[[], Values], Callable[[], Values], str]


def _against_scikit_learn(
    known: NDArray[np.float64], unknown: NDArray[np.float64]
) -> tuple[Line, ...]:
    from sklearn.metrics import average_precision_score, roc_curve

    peer = named("scikit-learn")
    scores = np.concatenate([known, unknown])
    truth = np.arange(len(scores)) >= len(known)

    def fpr95() -> Values:
        false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
        return (float(false[np.argmax(true >= 0.95)]),)

    note = "ours checks its arguments and ranks first, then asks scikit-learn"
    return (
        ("AUROC", peer, *aurocs(known, unknown), note),
        (
            "AUPR, both sides", peer,
            lambda: (aupr_in(known, unknown), aupr_out(known, unknown)),
            lambda: (
                float(average_precision_score(~truth, -scores)),
                float(average_precision_score(truth, scores)),
            ), note,
        ),
        ("FPR95", peer, lambda: (fpr_at_tpr(known, unknown, "unknown"),), fpr95, note),
    )  # fmt: skip


def _against_pytorch_ood(
    known: NDArray[np.float64], unknown: NDArray[np.float64], correct: NDArray[np.bool_]
) -> tuple[Line, ...]:
    theirs, peer = pytorch_ood("metrics"), named("pytorch-ood")
    scores = torch.from_numpy(np.concatenate([known, unknown]))
    labels = torch.cat([torch.zeros(len(known)), -torch.ones(len(unknown))]).long()
    predicted = torch.cat([torch.from_numpy(~correct).long(), torch.zeros(len(unknown)).long()])

    def all_of_theirs() -> Values:
        found = theirs.OODMetrics().update(scores, labels).compute()
        # Its AUPR goes by trapezoids, another number than average precision: left out.
        return found["AUROC"], found["FPR95TPR"]

    def all_of_ours() -> Values:
        values = auroc(known, unknown), fpr_at_tpr(known, unknown, "unknown")
        aupr_in(known, unknown), aupr_out(known, unknown)
        return values

    return (
        (
            "AUROC, both AUPR and FPR95", peer, all_of_ours, all_of_theirs,
            "its OODMetrics, which has AUTC too; its AUPR is another number (trapezoids)",
        ),
        (
            "OSCR", peer,
            lambda: (oscr_area(correct, known, unknown),),
            lambda: (float(theirs.oscr_score(scores, predicted, labels)),), "",
        ),
    )  # fmt: skip


def _tails(count: int) -> tuple[Line, ...]:
    notmr = pytorch_ood("detector.openmax.libnotmr").LibNotMR
    tails = draw_tails(count)

    def theirs() -> Values:
        shapes = []
        for tail in tails:
            fitted = notmr(TAIL)
            fitted.fit_high(tail)
            shapes.append(float(fitted.c))
        return tuple(shapes)

    what = f"Weibull tails, {count} of {TAIL} distances"
    return (
        (what, named("scipy"), lambda: our_tails(tails), lambda: scipys_tails(tails), ""),
        (what, named("pytorch-ood"), lambda: our_tails(tails), theirs, "its OpenMax"),
    )
