"""The highest logit, negated.

Source: S. Vaze, K. Han, A. Vedaldi and A. Zisserman, Open-Set Recognition: A Good Closed-Set
Classifier is All You Need?, ICLR 2022, section 5.
"""

from __future__ import annotations

from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.fitless import Fitless


def max_logit(logits: Tensor) -> Tensor:
    """-max f over the classes: logits (N, K) -> (N,), high = more likely unknown."""
    return -logits.amax(dim=1)


class MaxLogit(Fitless):
    """The maximum logit score."""

    needs = ("logits",)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return max_logit(outputs["logits"])
