"""A training whose network, not only its recipe, depends on the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from solutions.zoo.known import Known
from solutions.zoo.training import Budget, OnEpoch, Training, for_budget


@dataclass(frozen=True)
class PerBudget:
    """One training a budget, such as a small network for now and the authors' for a long night.

    Attributes:
        name: What trainings are told apart by.
        trainings: One a budget; a budget without one takes "default".
    """

    name: str
    trainings: Mapping[Budget, Training]

    def fit(
        self, known: Known, seed: int, budget: Budget, on_epoch: OnEpoch | None = None
    ) -> nn.Module:
        """As the budget's own training does.

        Raises:
            UserError: The loss became NaN or infinite.
        """
        return for_budget(self.trainings, budget).fit(known, seed, budget, on_epoch)
