"""Threshold rules: from the scores of known images, the score above which an image is unknown.

Scores strictly above the threshold are rejected. `nominal` is the share of known images that a rule
says it rejects, None where it makes no such promise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from solutions.errors import UserError

Scores = NDArray[np.float64]  # (N,)


class Rule(Protocol):
    """Turns known images' scores into a threshold."""

    @property
    def nominal(self) -> float | None:
        """The share of known images that should lie above the threshold."""
        ...

    def threshold(self, scores: Scores) -> float:
        """The threshold for scores (N,) of known images, N >= 2."""
        ...


@dataclass(frozen=True)
class Fixed:
    """A number that somebody chose, such as the .25 of system b's first attempt."""

    value: float
    nominal: None = None

    def threshold(self, scores: Scores) -> float:
        """The number, whatever the scores."""
        return self.value


@dataclass(frozen=True)
class MeanStd:
    """Mean + z standard deviations.

    On normally distributed scores it rejects 1 - Φ(z), .135 % at z = 3; real scores have heavier
    tails, which is why the realised rejection stands beside the nominal one in every table.
    """

    z: float

    @property
    def nominal(self) -> float:
        """1 - Φ(z)."""
        return 1 - NormalDist().cdf(self.z)

    def threshold(self, scores: Scores) -> float:
        """Mean + z · sample standard deviation (n - 1)."""
        return mean_std(scores, self.z)


@dataclass(frozen=True)
class Quantile:
    """The empirical quantile that leaves a share `alpha` above it."""

    alpha: float

    def __post_init__(self) -> None:
        _require_share(self.alpha)

    @property
    def nominal(self) -> float:
        """`alpha`."""
        return self.alpha

    def threshold(self, scores: Scores) -> float:
        """The quantile at 1 - alpha, interpolated linearly."""
        return float(np.quantile(_checked(scores), 1 - self.alpha))


@dataclass(frozen=True)
class Conformal:
    """Split conformal prediction: a new known image is rejected with probability at most `alpha`.

    Holds for any distribution, as long as the scores are of images exchangeable with the new one,
    hence held-out images. Source: V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a
    Random World, 2005; the ⌈(n + 1)(1 - α)⌉-th smallest score.
    """

    alpha: float

    def __post_init__(self) -> None:
        _require_share(self.alpha)

    @property
    def nominal(self) -> float:
        """`alpha`."""
        return self.alpha

    def threshold(self, scores: Scores) -> float:
        """The conformal quantile; infinite where n < 1/alpha - 1, too few to promise anything."""
        return conformal_quantile(scores, self.alpha)


def mean_std(scores: Scores, z: float) -> float:
    """Mean + z · sample standard deviation of scores (N,)."""
    scores = _checked(scores)
    return float(scores.mean() + z * scores.std(ddof=1))


def conformal_quantile(scores: Scores, alpha: float) -> float:
    """The ⌈(n + 1)(1 - α)⌉-th smallest of n scores; infinite where there is none."""
    scores = np.sort(_checked(scores))
    # Rounded: (n + 1)(1 - α) is often a whole number that floating point lifts above itself.
    rank = math.ceil(round((len(scores) + 1) * (1 - alpha), 9))
    return float(scores[rank - 1]) if rank <= len(scores) else math.inf


def _checked(scores: Scores) -> Scores:
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1 or len(scores) < 2:
        raise UserError(f"a threshold takes at least two scores (N,), not {scores.shape}")
    if not np.isfinite(scores).all():
        raise UserError("a threshold cannot be fitted: a known image's score is NaN or infinite")
    return scores


def _require_share(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise UserError(f"alpha is {alpha}: it is a share of known images, between 0 and 1")
