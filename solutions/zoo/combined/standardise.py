"""Several scores brought to one scale, on digits that nothing was trained on, and added up."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class WeightedSum:
    """A weighted sum of standardised scores; some count only where they are beyond a bound.

    Attributes:
        mean: float32 (S,), of each score over the calibration digits.
        deviation: float32 (S,), above 0.
        weights: float32 (S,).
        bounds: float32 (S,), in deviations: what lies below counts nothing; -inf: all counts.
    """

    mean: Tensor
    deviation: Tensor
    weights: Tensor
    bounds: Tensor

    def __call__(self, scores: Tensor) -> Tensor:
        """(N, S) to (N,), high = unknown."""
        standard = (scores - self.mean) / self.deviation
        beyond = torch.relu(standard - self.bounds)
        return torch.where(self.bounds.isinf(), standard, beyond) @ self.weights


def fit_weighted_sum(
    scores: Tensor, weights: tuple[float, ...], bounds: tuple[float, ...]
) -> WeightedSum:
    """Fit on the scores (N, S) of known digits, N at least 2."""
    deviation = scores.std(dim=0).clamp_min(1e-6)
    return WeightedSum(scores.mean(dim=0), deviation, torch.tensor(weights), torch.tensor(bounds))
