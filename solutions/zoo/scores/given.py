"""A score that the network computes itself."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.fitless import Fitless


@dataclass
class Given(Fitless):
    """One of the network's outputs, as it is.

    Attributes:
        name: Of an output (N,), high = more likely unknown.
    """

    name: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The output."""
        return (self.name,)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return outputs[self.name]
