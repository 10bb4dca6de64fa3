"""Confusion, scores and curves from predictions, in NumPy; curves come thinned."""

from __future__ import annotations

import numpy as np

from ..pages.scale import thin
from .gallery import Curves, Points, Scores

CLASSES = 11
BINS = 40
LARGEST = 1e30  # of a student's numbers: beyond it, differences overflow
SMALLEST = 1e-30
WIDE = 20.0  # the ratio of the largest to the smallest from which bins are of equal ratio
WIDEST = 1e3  # the largest that is drawn, as a multiple of nearly all known images' scores
TOLERANCE = 0.0015  # of a thinned curve; less than a pixel
MOST_STEPS = 1500  # of a curve, before it is thinned


def confusion(truth: np.ndarray, labels: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Counts, a row for each true label 0-10, a column for each given.

    Args:
        truth: (N,) labels 0-10.
        labels: (N,) labels 0-10.
    """
    counts = np.bincount(CLASSES * truth + labels, minlength=CLASSES * CLASSES)
    return tuple(tuple(map(int, row)) for row in counts.reshape(CLASSES, CLASSES))


def spread(known: np.ndarray, unknown: np.ndarray, threshold: float | None) -> Scores:
    """How the scores of known and unknown images lie.

    Errors are above 0 and spread over decades: their bins are of equal ratio. Others get bins of
    equal width, and leave out the last tenth of the unknown images: a few huge scores must not
    press the rest into one bar.

    Args:
        known: (N,) finite scores, N > 0.
        unknown: (M,) finite scores, M > 0.
        threshold: of the model; None where there is none.
    """
    known, unknown = (np.clip(scores, -LARGEST, LARGEST) for scores in (known, unknown))
    both = np.concatenate([known, unknown])
    most = float(np.quantile(known, 0.995))
    high = max(most, float(np.quantile(unknown, 0.9)))
    low = float(np.quantile(both, 0.002))
    logarithmic = low > SMALLEST and high > WIDE * low
    if logarithmic:
        high = min(max(most, float(np.quantile(unknown, 0.999))), WIDEST * most)
    if threshold is not None and low <= threshold:
        further = threshold * 1.3 if logarithmic else low + 1.15 * (threshold - low)
        high = max(high, min(further, LARGEST))
    if not high - low > 1e-9 * max(abs(low), abs(high), SMALLEST):
        low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)
    edges = (np.geomspace if logarithmic else np.linspace)(low, high, BINS + 1)
    shares = [
        np.histogram(np.clip(scores, edges[0], edges[-1]), edges)[0] / len(scores)
        for scores in (known, unknown)
    ]
    return Scores(
        logarithmic, _short(edges), _short(shares[0]), _short(shares[1]),
        round(float(np.mean(both > edges[-1])), 4),
    )  # fmt: skip


def curves(known: np.ndarray, named_rightly: np.ndarray, unknown: np.ndarray) -> Curves:
    """What every threshold would give.

    An image passes where its score is not above the threshold.

    Args:
        known: (N,) finite scores, N > 0.
        named_rightly: (N,) bool, whether the closed-set label is right.
        unknown: (M,) finite scores, M > 0.

    Returns:
        ROC with unknown as positive; OSCR after Dhamija, Günther and Boult, "Reducing Network
        Agnostophobia" (2018), with the score in the place of the largest probability.
    """
    thresholds = np.unique(np.concatenate([known, unknown]))
    passing_known = np.searchsorted(np.sort(known), thresholds, "right") / len(known)
    passing_unknown = np.searchsorted(np.sort(unknown), thresholds, "right") / len(unknown)
    right = np.searchsorted(np.sort(known[named_rightly]), thresholds, "right") / len(known)
    # Below the lowest score nothing passes; these start there, where all are rejected.
    start = np.zeros(1)
    known_in, unknown_in, right_in = (
        np.concatenate([start, part]) for part in (passing_known, passing_unknown, right)
    )
    false_alarms, found = 1 - known_in[::-1], 1 - unknown_in[::-1]
    return Curves(
        roc=_thinned(false_alarms, found),
        auroc=_area(false_alarms, found),
        oscr=_thinned(unknown_in, right_in),
        oscr_area=_area(unknown_in, right_in),
    )


def _area(x: np.ndarray, y: np.ndarray) -> float:
    """By trapezoids: points of one threshold are joined, which counts ties half."""
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1])).sum() / 2)


def _thinned(x: np.ndarray, y: np.ndarray) -> Points:
    """A curve of fractions with as few points as draw it."""
    moved = np.hypot(np.diff(x), np.diff(y))
    along = np.concatenate([np.zeros(1), np.cumsum(moved)])
    steps = np.floor(along / along[-1] * MOST_STEPS) if along[-1] > 0 else along
    kept = np.concatenate([[True], np.diff(steps) > 0])
    kept[-1] = True
    points = list(zip(x[kept].tolist(), y[kept].tolist(), strict=True))
    return tuple((round(a, 4), round(b, 4)) for a, b in thin(points, TOLERANCE))


def _short(values: np.ndarray) -> tuple[float, ...]:
    """Numbers of six digits: nobody sees more."""
    return tuple(float(f"{value:.6g}") for value in values)
