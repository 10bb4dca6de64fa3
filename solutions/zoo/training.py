"""Training a network by gradient descent, for every method that has one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar

import torch
from torch import Tensor, nn

from solutions.errors import UserError
from solutions.zoo.known import Known

Budget = Literal["default", "seed", "quick"]
# Epochs are counted for tens of thousands of images; of fewer there are more, up to so many steps.
LEAST_STEPS: dict[Budget, int] = {"default": 300, "seed": 0, "quick": 60}

# network, images (B, C, H, W), labels (B,), generator -> loss, 0-dim
Objective = Callable[[nn.Module, Tensor, Tensor, torch.Generator], Tensor]
OnEpoch = Callable[[int, float, nn.Module], None]  # epoch from 1, mean loss, the network


T = TypeVar("T")


def for_budget(choices: Mapping[Budget, T], budget: Budget) -> T:
    """What there is for a budget; a budget without its own takes "default"."""
    return choices[budget if budget in choices else "default"]


class Training(Protocol):
    """A network and how it is trained."""

    @property
    def name(self) -> str:
        """What trainings are told apart by."""
        ...

    def fit(
        self, known: Known, seed: int, budget: Budget, on_epoch: OnEpoch | None = None
    ) -> nn.Module:
        """A trained network in evaluation mode, `forward(images) -> Outputs`.

        The result depends on the images, the seed, the budget and the machine alone.
        """
        ...


@dataclass(frozen=True)
class Recipe:
    """The numbers of one training.

    Attributes:
        epochs: How often each image is seen.
        batch_size: Images a step.
        rate: The learning rate; of the one-cycle schedule its highest.
        optimizer: "adam" or "adamw".
        weight_decay: Of the optimizer.
        schedule: "constant"; "one_cycle"; or "step", which multiplies the rate by `decay` every
            `step_size` epochs.
        step_size: Epochs, of "step".
        decay: Of "step".
        bf16: Compute in bfloat16 where that is safe (autocast) and the processor can: nearly twice
            as fast, and no accuracy that could be measured.
        most_images: Train on that many of the images at most; 0 = all.
        least_steps: Epochs are added until there are as many steps.
    """

    epochs: int
    batch_size: int
    rate: float
    optimizer: Literal["adam", "adamw"] = "adam"
    weight_decay: float = 0.0
    schedule: Literal["constant", "one_cycle", "step"] = "constant"
    step_size: int = 1
    decay: float = 1.0
    bf16: bool = False
    most_images: int = 0
    least_steps: int = 0


@dataclass(frozen=True)
class GradientTraining:
    """A network whose every weight follows the gradient of one objective.

    Attributes:
        name: What trainings are told apart by.
        build: Makes the untrained network for K classes.
        objective: The loss of a batch.
        recipes: One a budget; a budget without one takes "default".
    """

    name: str
    build: Callable[[int], nn.Module]
    objective: Objective
    recipes: Mapping[Budget, Recipe]

    def fit(
        self, known: Known, seed: int, budget: Budget, on_epoch: OnEpoch | None = None
    ) -> nn.Module:
        """Build, train, and return in evaluation mode.

        Raises:
            UserError: The loss became NaN or infinite.
        """
        taken: Budget = budget if budget in self.recipes else "default"
        recipe = replace(self.recipes[taken], least_steps=LEAST_STEPS[taken])
        with torch.random.fork_rng(devices=[]):  # weights and dropout draw from the global stream
            torch.manual_seed(seed)
            network = self.build(known.num_classes)
            try:
                descend(network, self.objective, known, recipe, seed, on_epoch)
            except ArithmeticError as error:
                raise UserError(f"training {self.name}: {error}; lower its rate") from error
        return network.eval()


def descend(
    network: nn.Module,
    objective: Objective,
    known: Known,
    recipe: Recipe,
    seed: int,
    on_epoch: OnEpoch | None = None,
) -> None:
    """Minimise the objective, in place.

    Args:
        network: In any mode; is left in training mode.
        objective: The loss of a batch.
        known: What to train on.
        recipe: How.
        seed: Of the order of images and whatever the objective draws.
        on_epoch: Told of each epoch as it ends.

    Raises:
        ArithmeticError: The loss of an epoch is NaN or infinite.
    """
    generator = torch.Generator().manual_seed(seed)
    count = min(recipe.most_images or len(known), len(known))
    chosen = torch.randperm(len(known), generator=generator)[:count]
    batch_size = min(recipe.batch_size, count)
    steps = count // batch_size  # no last batch of odd size: batch norm needs a fair sample
    recipe = replace(recipe, epochs=max(recipe.epochs, math.ceil(recipe.least_steps / steps)))
    optimizer = _optimizer(network, recipe)
    schedule = _schedule(optimizer, recipe, steps)
    network.train()
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster
    for epoch in range(1, recipe.epochs + 1):
        order = chosen[torch.randperm(count, generator=generator)]
        total = 0.0
        for batch in torch.split(order[: steps * batch_size], batch_size):
            with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
                loss = objective(network, known.images[batch], known.labels[batch], generator)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += loss.item()
        if not math.isfinite(total):
            raise ArithmeticError(f"the loss is {total} after epoch {epoch}")
        if on_epoch:
            on_epoch(epoch, total / steps, network)


def _optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(network.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)


def _schedule(
    optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """A schedule that is stepped once a batch."""
    schedulers = torch.optim.lr_scheduler
    if recipe.schedule == "one_cycle":
        return schedulers.OneCycleLR(
            optimizer, max_lr=recipe.rate, total_steps=max(recipe.epochs * steps, 2)
        )
    if recipe.schedule == "step":
        return schedulers.StepLR(optimizer, recipe.step_size * steps, recipe.decay)
    return schedulers.ConstantLR(optimizer, factor=1.0)
