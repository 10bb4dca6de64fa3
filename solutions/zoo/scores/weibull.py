"""The upper tail of a class's distances as a Weibull law, fitted as libMR fits it.

Of the n largest distances x, t = x - min x + T with T = 10,000 follows a two-parameter Weibull law,
location 0. Maximum likelihood leaves one equation. With u = ln(t / max t) and σ = 1/k it reads

    h(σ) = σ + mean(u) - Σ u e^(u/σ) / Σ e^(u/σ) = 0,        λ = max t · (mean e^(u/σ))^σ.

h grows, is negative near 0 and not negative at -mean(u): one root, and it is bracketed. In units of
-mean(u) the root lies well inside (0, 1] whatever the distances, so that Newton's steps need no
scale. Nothing here forms t itself, which would lose the digits in which distances differ.

Where a law is not defined by its tail:

- all distances equal, zeros among them, or a single distance: k is infinite. The law is the step
  that fits of ever narrower tails approach, 0 up to that distance and 1 above it;
- a spread below 1e-280: k is beyond a float, the same step;
- no distance, a negative one, NaN or infinity: `UserError`.

Everything else, spreads of 1e-200 or 1e+300 included, is fitted, to thirteen digits of k. SciPy,
given t, has the fewer digits the narrower the tail is beside T: see `fit_tail`.

Source: W. Scheirer, A. Rocha, R. Micheals and T. Boult, Meta-Recognition: The Theory and Practice
of Recognition Score Analysis, TPAMI 2011, and its library libMR; N. Johnson, S. Kotz and
N. Balakrishnan, Continuous Univariate Distributions, volume 1, 1994, chapter 21, for the equation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solutions.errors import UserError

Floats = NDArray[np.float64]

SHIFT = 10_000.0  # T: libMR moves every tail there
NARROWEST = 1e-280  # a spread below it counts as none
STEPS = 100  # Newton takes about six


@dataclass(frozen=True)
class WeibullTail:
    """A fitted tail.

    Attributes:
        least: The smallest distance of the tail.
        shape: k, infinite where the law is a step.
        excess: λ - T, kept apart from T so that no digit is lost.
    """

    least: float
    shape: float
    excess: float

    @property
    def scale(self) -> float:
        """λ, of the law of t."""
        return SHIFT + self.excess

    def cdf(self, distances: Floats) -> Floats:
        """1 - exp(-(t/λ)^k): how sure it is that a distance lies beyond its class.

        Args:
            distances: Any shape, at least 0.

        Returns:
            float64 in [0, 1] of the same shape, never falling as the distance grows.
        """
        above = np.asarray(distances, dtype=np.float64) - self.least  # t - T
        if math.isinf(self.shape):
            return (above > 0).astype(np.float64)
        power = self.shape * _log_quotient(above + SHIFT, self.scale, above - self.excess)
        # e^7 makes the weight 1 to the last digit; more would overflow
        return np.asarray(-np.expm1(-np.exp(np.minimum(power, 7.0))))


def fit_tail(tail: Floats) -> WeibullTail:
    """Fit the law to a tail.

    Agrees with `scipy.stats.weibull_min.fit(t, floc=0)` to 5e-5, relative, in k and in λ, for tails
    that spread over 1 or more, where SciPy's search reaches the maximum: on narrower ones, and now
    and then on others, it ends before, 5 % off in k at a spread of 0.1.

    Args:
        tail: (n,), the largest distances of a class, in any order.

    Raises:
        UserError: n is 0, or a distance is negative, NaN or infinite.
    """
    tail = np.asarray(tail, dtype=np.float64)
    if tail.ndim != 1 or not len(tail):
        raise UserError(f"a tail is fitted to one or more distances (n,), not {tail.shape}")
    if not np.isfinite(tail).all() or tail.min() < 0:
        raise UserError("a tail is fitted to distances: one is negative, NaN or infinite")
    least, most = float(tail.min()), float(tail.max())
    if most - least < NARROWEST:
        return WeibullTail(least, math.inf, 0.0)
    top = most - least + SHIFT  # the largest t
    u = _log_quotient(tail - least + SHIFT, top, tail - most)  # at most 0
    unit = -float(u.mean())
    root = _root(u / unit)
    sigma = root * unit
    log_scale = sigma * math.log(float(np.exp(u / sigma).mean()))  # ln(λ / max t)
    if log_scale > -0.5:
        excess = (most - least) + top * math.expm1(log_scale)
    else:
        excess = top * math.exp(log_scale) - SHIFT
    return WeibullTail(least, 1 / sigma, excess)


def largest(distances: Floats, count: int) -> Floats:
    """The `count` largest of distances (N,), N >= count."""
    return np.partition(distances, len(distances) - count)[len(distances) - count :]


def _log_quotient(t: Floats, of: float, gap: Floats) -> Floats:
    """ln(t / of), -inf where t <= 0, given gap = t - of, which knows small gaps better than t."""
    near = gap > -of / 2
    with np.errstate(divide="ignore"):  # ln 0
        far_log = np.log(np.maximum(t, 0) / of)
    return np.where(near, np.log1p(np.where(near, gap / of, 0)), far_log)


def _root(u: Floats) -> float:
    """The σ in (0, 1] at which h is 0, for u (n,) with maximum 0 and mean -1."""
    low, high, sigma = 0.0, 1.0, 0.8
    for _ in range(STEPS):
        weights = np.exp(u / sigma)
        weights /= weights.sum()
        mean = float(weights @ u)
        value = sigma - 1 - mean
        if value < 0:
            low = sigma
        else:
            high = sigma
        slope = 1 + float(weights @ (u - mean) ** 2) / sigma**2
        step = sigma - value / slope
        after = step if low < step < high else (low + high) / 2
        if abs(after - sigma) <= 4e-16 or low == high:
            return after
        sigma = after
    return sigma
