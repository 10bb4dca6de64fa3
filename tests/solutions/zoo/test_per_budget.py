"""A training a budget, and "default" where there is none."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from solutions.zoo.known import Known
from solutions.zoo.per_budget import PerBudget


@dataclass
class Recorded:
    name: str

    def fit(self, known, seed, budget, on_epoch=None):
        network = nn.Identity()
        network.told = (self.name, len(known), seed, budget)
        return network


@pytest.mark.parametrize(
    ("budget", "named"), [("default", "small"), ("seed", "large"), ("quick", "small")]
)
def test_the_budget_picks_the_training(budget, named):
    known = Known(torch.zeros(2, 1, 4, 4), torch.tensor([0, 1]))
    training = PerBudget("both", {"default": Recorded("small"), "seed": Recorded("large")})
    assert training.fit(known, 3, budget).told == (named, 2, 3, budget)
