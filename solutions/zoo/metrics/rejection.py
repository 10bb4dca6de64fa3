"""How many known images a threshold really rejects, beside how many its rule promises."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solutions.zoo.metrics.checked import as_scores, require_share, require_threshold


@dataclass(frozen=True)
class Rejection:
    """Realised against nominal rejection of known images.

    Attributes:
        realised: The share that was rejected.
        nominal: The share that the rule promises, None where it promises none.
        images: How many were counted.
    """

    realised: float
    nominal: float | None
    images: int

    @property
    def gap(self) -> float | None:
        """Realised - nominal: above 0, the rule rejects more than it says."""
        return None if self.nominal is None else self.realised - self.nominal

    @property
    def noise(self) -> float | None:
        """The standard deviation that counting so many images alone gives, √(α(1 - α)/N).

        A gap of this size says nothing. The held-out images of the threshold add their own.
        """
        if self.nominal is None:
            return None
        return math.sqrt(self.nominal * (1 - self.nominal) / self.images)


def rejection(known_scores: ArrayLike, threshold: float, nominal: float | None = None) -> Rejection:
    """Count the known images whose score lies strictly above the threshold.

    Args:
        known_scores: (N,), of images that neither training nor the threshold has seen.
        threshold: A score; infinite rejects nothing.
        nominal: The share that the rule promises, `Rule.nominal`.

    Raises:
        UserError: There is no image, a score is NaN or infinite, the threshold is NaN, or the
            nominal share no share.
    """
    scores = as_scores(known_scores, "known images")
    require_threshold(threshold)
    if nominal is not None:
        require_share(nominal, "the nominal rejection")
    return Rejection(float(np.mean(scores > threshold)), nominal, len(scores))
