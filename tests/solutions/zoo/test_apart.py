"""Training apart is training together, where no weight is shared."""

from __future__ import annotations

import torch
from torch import nn

from solutions.zoo.apart import Apart, SideBySide
from solutions.zoo.known import Known
from solutions.zoo.training import GradientTraining, Recipe, descend


class Line(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.name = name
        self.weight = nn.Parameter(torch.ones(1, 1))

    def forward(self, images):
        return {self.name: images.flatten(1)[:, :1] @ self.weight}


def pull(name, to):
    return lambda network, images, labels, generator: (network(images)[name] - to).square().mean()


def known_images():
    images = torch.rand(40, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    return Known(images, torch.arange(40) % 2)


RECIPE = Recipe(epochs=3, batch_size=8, rate=0.05)


def training(name, to):
    return GradientTraining(name, lambda _: Line(name), pull(name, to), {"seed": RECIPE})


def test_it_gives_what_the_sum_of_the_losses_gives():
    apart = Apart("both", (training("a", 3.0), training("b", -2.0))).fit(known_images(), 0, "seed")
    together = SideBySide(Line("a"), Line("b"))
    first, second = pull("a", 3.0), pull("b", -2.0)
    descend(
        together,
        lambda *batch: first(*batch) + second(*batch),
        known_images(),
        RECIPE,
        seed=0,
    )
    for alone, joint in zip(apart.parameters(), together.parameters(), strict=True):
        assert torch.allclose(alone, joint, atol=1e-6)


def test_the_outputs_of_all_come_together_in_evaluation_mode():
    network = Apart("both", (training("a", 3.0), training("b", -2.0))).fit(
        known_images(), 0, "seed"
    )
    assert sorted(network(known_images().images)) == ["a", "b"]
    assert not network.training


def test_each_parts_epochs_are_told_of():
    told = []
    Apart("both", (training("a", 3.0), training("b", -2.0))).fit(
        known_images(), 0, "seed", lambda epoch, loss, network: told.append(epoch)
    )
    assert told == [1, 2, 3, 1, 2, 3]
