"""Free energy of the logits.

Source: W. Liu, X. Wang, J. Owens and Y. Li, Energy-based Out-of-distribution Detection, NeurIPS
2020, eq. 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.fitless import Fitless


def energy(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """-T · logsumexp(f / T), low where some logit is high.

    Args:
        logits: (N, K), no softmax.
        temperature: T, above 0.

    Returns:
        (N,), high = more likely unknown.
    """
    return -temperature * torch.logsumexp(logits / temperature, dim=1)


@dataclass
class Energy(Fitless):
    """The energy score."""

    temperature: float = 1.0
    needs = ("logits",)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return energy(outputs["logits"], self.temperature)
