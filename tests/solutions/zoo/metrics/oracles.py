"""The metrics by their definitions, in loops over pairs and thresholds, in float64."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

UNKNOWN = 10


def pairs(known: Iterable[float], unknown: Iterable[float]) -> list[float]:
    """1 where the unknown image scores higher, .5 on a tie, for each pair."""
    unknown = list(unknown)
    return [1.0 if u > k else 0.5 if u == k else 0.0 for k in known for u in unknown]


def auroc(known, unknown) -> float:
    won = pairs(known, unknown)
    return math.fsum(won) / len(won)


def oscr(correct, known, unknown) -> float:
    total = sum(math.fsum(pairs([k], unknown)) for c, k in zip(correct, known, strict=True) if c)
    return total / (len(known) * len(unknown))


def average_precision(positive, negative) -> float:
    """High scores positive: precision at every distinct score, times the recall gained there."""
    area, before = 0.0, 0.0
    for score in sorted({*positive, *negative}, reverse=True):
        true = sum(p >= score for p in positive)
        false = sum(n >= score for n in negative)
        area += true / (true + false) * (true / len(positive) - before)
        before = true / len(positive)
    return area


def cuts(*sides) -> Iterator[float]:
    """A threshold below every score, between every two, and at the highest."""
    yield -math.inf
    yield from sorted({score for side in sides for score in side})


def fpr_unknown_positive(known, unknown, tpr) -> float:
    """Reject strictly above each cut."""
    return min(
        sum(k > cut for k in known) / len(known)
        for cut in cuts(known, unknown)
        if sum(u > cut for u in unknown) / len(unknown) >= tpr
    )


def fpr_known_positive(known, unknown, tpr) -> float:
    """Accept up to each cut."""
    return min(
        sum(u <= cut for u in unknown) / len(unknown)
        for cut in cuts(known, unknown)
        if sum(k <= cut for k in known) / len(known) >= tpr
    )


def ccr_at_fpr(correct, known, unknown, fpr) -> float:
    return max(
        sum(c and k <= cut for c, k in zip(correct, known, strict=True)) / len(known)
        for cut in cuts(known, unknown)
        if sum(u <= cut for u in unknown) / len(unknown) <= fpr
    )


def macro_f1(labels, predictions) -> float:
    each = []
    for name in {*np.asarray(labels).tolist(), *np.asarray(predictions).tolist()}:
        both = list(zip(labels, predictions, strict=True))
        hits = sum(a == name and b == name for a, b in both)
        named = sum(a == name for a, _ in both) + sum(b == name for _, b in both)
        each.append(2 * hits / named)
    return math.fsum(each) / len(each)


def rejected(closed_set, scores, threshold) -> list[int]:
    return [UNKNOWN if s > threshold else int(c) for c, s in zip(closed_set, scores, strict=True)]
