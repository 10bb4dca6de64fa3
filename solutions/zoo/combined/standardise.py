"""Several scores brought to one scale, on digits that nothing was trained on, and added up."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Standard:
    """A weighted sum of standardised scores.

    Attributes:
        mean: float32 (S,), of each score over the calibration digits.
        deviation: float32 (S,), above 0.
        weights: float32 (S,).
    """

    mean: Tensor
    deviation: Tensor
    weights: Tensor

    def total(self, scores: Tensor) -> Tensor:
        """(N, S) to (N,), high = unknown."""
        return ((scores - self.mean) / self.deviation) @ self.weights


def fit_standard(scores: Tensor, weights: tuple[float, ...]) -> Standard:
    """Fit on the scores (N, S) of known digits, N at least 2."""
    return Standard(scores.mean(dim=0), scores.std(dim=0).clamp_min(1e-6), torch.tensor(weights))
