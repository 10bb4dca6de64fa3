"""Training networks that share no weight, each on a loss of its own.

The gradient of a sum of losses is, for each weight, that of the one loss it takes part in, and
Adam treats every weight by itself. So this gives what training them together on the sum would give,
up to what is drawn at random, and each can have the number of epochs that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from solutions.zoo.known import Known
from solutions.zoo.outputs import Outputs
from solutions.zoo.training import Budget, GradientTraining, OnEpoch


class SideBySide(nn.Module):
    """Networks on the same images; their outputs together.

    Args:
        networks: `forward(images) -> Outputs`, of different names.
    """

    def __init__(self, *networks: nn.Module) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, images: Tensor) -> Outputs:
        """The outputs of all."""
        return {name: value for part in self.networks for name, value in part(images).items()}


@dataclass(frozen=True)
class Apart:
    """Several trainings, one after the other, on the same images.

    Attributes:
        name: What trainings are told apart by.
        parts: Their networks give outputs of different names.
    """

    name: str
    parts: tuple[GradientTraining, ...]

    def fit(
        self, known: Known, seed: int, budget: Budget, on_epoch: OnEpoch | None = None
    ) -> nn.Module:
        """Train each; `on_epoch` is told of one part's epochs after the other's.

        Raises:
            UserError: The loss of one became NaN or infinite.
        """
        return SideBySide(*(part.fit(known, seed, budget, on_epoch) for part in self.parts)).eval()
