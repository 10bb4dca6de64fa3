"""The detector on the zoo's interface: a training whose network gives the scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from solutions.zoo.combined.detector import Detector, fit
from solutions.zoo.combined.training import OutlierRecipe
from solutions.zoo.known import Known
from solutions.zoo.outputs import Outputs
from solutions.zoo.training import Budget, OnEpoch, for_budget


class DetectorNetwork(nn.Module):
    """A fitted detector as a network. Its weights alone are parameters; distances are fitted."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.network = detector.network
        self.detector = detector

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "logits" (N, K), "embedding" (N, E), "unknown_score" and "combined" (N,)."""
        return self.detector.outputs(images)


@dataclass(frozen=True)
class CombinedTraining:
    """Train the network on digits and on outliers made of them, then fit the distances.

    Attributes:
        name: What trainings are told apart by.
        recipes: One a budget; a budget without one takes "default".
    """

    name: str
    recipes: Mapping[Budget, OutlierRecipe]

    def fit(
        self, known: Known, seed: int, budget: Budget, on_epoch: OnEpoch | None = None
    ) -> nn.Module:
        """Train and fit; `on_epoch` is not told of anything, for there are no epochs."""
        return DetectorNetwork(fit(known, seed, for_budget(self.recipes, budget))).eval()
