"""Overfitting a handful of images."""

from __future__ import annotations

import torch
from torch import nn

from grader.worker import learning


class TestLearning:
    """Adam as written out against Adam as shipped."""

    def test_steps_are_those_of_torch(self) -> None:
        torch.manual_seed(0)
        batch = {"images": torch.rand(6, 4) * 2 - 1}

        def net() -> nn.Module:
            torch.manual_seed(3)
            return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 4))

        def objective(module: nn.Module, data: dict[str, torch.Tensor]) -> torch.Tensor:
            return (module(data["images"]) - data["images"]).square().mean()

        mine, theirs = net(), net()
        learning.minimise(mine, objective, batch, 25, 0.01)
        optimiser = torch.optim.Adam(theirs.parameters(), lr=0.01)
        for _ in range(25):
            optimiser.zero_grad()
            objective(theirs, batch).backward()
            optimiser.step()
        for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)

    def test_frozen_and_unused_parameters_stay(self) -> None:
        module = nn.ModuleDict({"used": nn.Linear(2, 2), "frozen": nn.Linear(2, 2),
                                "unused": nn.Linear(2, 2)})  # fmt: skip
        module["frozen"].requires_grad_(False)
        before = {name: value.clone() for name, value in module.state_dict().items()}
        learning.minimise(
            module,
            lambda m, b: m["frozen"](m["used"](b["images"])).square().mean(),
            {"images": torch.ones(1, 2)},
            3,
        )
        changed = {
            name for name, value in module.state_dict().items()
            if not torch.equal(value, before[name])
        }  # fmt: skip
        assert changed == {"used.weight", "used.bias"}

    def test_learning_works_where_gradients_are_off(self) -> None:
        module = nn.Linear(1, 1)
        before = module.weight.clone()
        with torch.no_grad():
            learning.minimise(
                module, lambda m, b: m(b["images"]).sum(), {"images": torch.ones(1, 1)}, 1
            )
        assert not torch.equal(module.weight, before)
