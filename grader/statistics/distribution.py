"""A list of numbers in a few: mean, quantiles, and how many lie where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Distribution:
    """Of `count` values; the figures are None where there are none.

    Attributes:
        count: how many.
        mean: their mean.
        deviation: their sample standard deviation (n - 1); None for fewer than two.
        quantiles: least, first quartile, median, third quartile, greatest; linear in between.
        edges: bounds of the bins, one more than bins.
        bins: how many values lie in each, from its lower bound on to below the upper one; the last
            bin has its upper bound too, and what lies outside is in the first or the last.
    """

    count: int
    mean: float | None
    deviation: float | None
    quantiles: tuple[float, ...] | None
    edges: tuple[float, ...]
    bins: tuple[int, ...]


def distribute(values: Sequence[float], top: float | None = None, bins: int = 10) -> Distribution:
    """Sum up values, none of them negative.

    Args:
        values: numbers; those that are not finite are left out.
        top: where the bins end, beginning at 0; None: at the greatest value.
        bins: how many.
    """
    finite = np.array([value for value in values if math.isfinite(value)], dtype=np.float64)
    end = top if top is not None else (float(finite.max()) if len(finite) else 0.0)
    edges = np.linspace(0.0, end or 1.0, bins + 1)
    counts, _ = np.histogram(np.clip(finite, edges[0], edges[-1]), bins=edges)
    return Distribution(
        count=len(finite),
        mean=float(finite.mean()) if len(finite) else None,
        deviation=float(finite.std(ddof=1)) if len(finite) > 1 else None,
        quantiles=tuple(np.quantile(finite, QUANTILES).tolist()) if len(finite) else None,
        edges=tuple(edges.tolist()),
        bins=tuple(counts.tolist()),
    )
