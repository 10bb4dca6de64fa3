"""The maximum softmax probability, negated.

Source: D. Hendrycks and K. Gimpel, A Baseline for Detecting Misclassified and Out-of-Distribution
Examples in Neural Networks, ICLR 2017.
"""

from __future__ import annotations

from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.fitless import Fitless


def msp(logits: Tensor) -> Tensor:
    """-max softmax(f) over the classes: logits (N, K) -> (N,) in [-1, -1/K].

    In float64: in float32 every confident image has the same probability, 1, and ties.
    """
    return -logits.double().softmax(dim=1).amax(dim=1)


class Msp(Fitless):
    """The maximum softmax probability score."""

    needs = ("logits",)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64."""
        return msp(outputs["logits"])
