"""The training loop: what it minimises, when it stops, what it leaves alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from solutions.errors import UserError
from solutions.zoo.training import GradientTraining, Recipe, descend

from .known_images import bars


class Mean(nn.Module):
    """One number."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(()))


def seen_by(recipe: Recipe, count: int = 20) -> tuple[list[int], int]:
    """Sizes of the batches that an objective is given, and how many epochs were told of."""
    sizes: list[int] = []
    told: list[int] = []

    def objective(network, images, labels, generator):
        sizes.append(len(images))
        return network.value**2

    def on_epoch(epoch, loss, network):
        told.append(epoch)

    descend(Mean(), objective, bars(count), recipe, seed=0, on_epoch=on_epoch)
    return sizes, len(told)


def test_each_epoch_sees_whole_batches_only():
    sizes, epochs = seen_by(Recipe(epochs=3, batch_size=8, rate=0.1))
    assert sizes == [8] * 6
    assert epochs == 3


def test_fewer_images_than_a_batch_are_one_batch():
    assert seen_by(Recipe(epochs=2, batch_size=100, rate=0.1)) == ([20, 20], 2)


def test_epochs_are_added_up_to_the_least_steps():
    sizes, epochs = seen_by(Recipe(epochs=1, batch_size=10, rate=0.1, least_steps=7))
    assert epochs == 4
    assert len(sizes) == 8


def test_most_images_are_the_same_ones_in_every_epoch():
    seen: set[bytes] = set()

    def objective(network, images, labels, generator):
        seen.update(image.numpy().tobytes() for image in images)
        return network.value**2

    recipe = Recipe(epochs=4, batch_size=5, rate=0.1, most_images=10)
    descend(Mean(), objective, bars(40), recipe, seed=0)
    assert len(seen) == 10


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
@pytest.mark.parametrize("schedule", ["constant", "one_cycle", "step"])
def test_the_loss_is_minimised(optimizer, schedule):
    network = Mean()
    recipe = Recipe(
        epochs=40,
        batch_size=20,
        rate=0.2,
        optimizer=optimizer,
        schedule=schedule,
        step_size=10,
        decay=0.5,
    )
    descend(network, lambda mean, *_: (mean.value - 3) ** 2, bars(20), recipe, seed=0)
    assert network.value.item() == pytest.approx(3, abs=0.3)


def test_the_step_schedule_counts_epochs():
    rates: list[float] = []

    class Watched(torch.optim.Adam):
        def step(self, closure=None):
            rates.append(self.param_groups[0]["lr"])
            return super().step(closure)

    recipe = Recipe(epochs=4, batch_size=10, rate=1.0, schedule="step", step_size=2, decay=0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.optim, "Adam", Watched)
        descend(Mean(), lambda mean, *_: mean.value**2, bars(20), recipe, seed=0)
    assert rates == [1.0] * 4 + [0.5] * 4


def test_a_loss_that_is_no_number_is_said_in_a_line():
    training = GradientTraining(
        name="broken",
        build=lambda num_classes: Mean(),
        objective=lambda network, images, labels, generator: network.value * float("nan"),
        recipes={"seed": Recipe(epochs=1, batch_size=10, rate=0.1)},
    )
    with pytest.raises(UserError, match=r"broken.*nan after epoch 1"):
        training.fit(bars(20), 0, "seed")
