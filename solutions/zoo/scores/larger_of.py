"""Several measures of an image, and a rejection where any of them is unusual.

"Reject if a measure exceeds its mean + z·std on training images, whichever measure" is the same
decision as "reject if the largest of the standardised measures exceeds z". The second has one score
and one threshold, the fixed number z, and that is how the zoo writes system a.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Standard:
    """What measures are standardised by.

    Attributes:
        mean: float64 (M,), over training images.
        std: float64 (M,), over training images, above 0.
    """

    mean: Tensor
    std: Tensor


def standard_of(measures: Tensor) -> Standard:
    """Mean and standard deviation (the biased one, NumPy's default) of measures (N, M).

    A measure that never varies gets a tiny deviation: it rejects whatever is above it.
    """
    measures = measures.double()
    mean = measures.mean(dim=0)
    least = 1e-12 * mean.abs().clamp_min(1)
    return Standard(mean, torch.maximum(measures.std(dim=0, correction=0), least))


def larger_of(measures: Tensor, standard: Standard) -> Tensor:
    """The largest standardised measure: (N, M) -> float64 (N,), high = more likely unknown."""
    return ((measures.double() - standard.mean) / standard.std).amax(dim=1)
