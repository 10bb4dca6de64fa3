"""Training of the network on digits and on outliers synthesised from them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from solutions.zoo.combined.augment import augment
from solutions.zoo.combined.network import Network
from solutions.zoo.known import Known
from solutions.zoo.outliers.mixture import mixture

Synthesise = Callable[[Tensor, Tensor, Generator], Tensor]


@dataclass(frozen=True)
class OutlierRecipe:
    """How the network is trained.

    Attributes:
        steps: of the optimiser.
        digits: in a batch.
        outliers: in a batch.
        rate: the highest learning rate of the one cycle.
        decay: AdamW's weight decay.
        smoothing: of the labels.
        trimmed: share of the outliers, those that look most like digits, that a step leaves out:
            joined or cut digits may still be digits.
        memory: of the running mean of the weights, which is what comes out; its last part only.
        synthesise: makes outliers out of images (N, 1, 28, 28) of the digits (N,).
    """

    steps: int = 1500
    digits: int = 160
    outliers: int = 96
    rate: float = 4e-3
    decay: float = 1e-2
    smoothing: float = 0.0
    trimmed: float = 0.1
    memory: float = 0.995
    synthesise: Synthesise = mixture


def train(network: Network, known: Known, recipe: OutlierRecipe, generator: Generator) -> Network:
    """Train in place; return the network of the weights' running mean, in evaluation mode.

    Args:
        network: to be trained, K + 1 logits.
        known: what to train on.
        recipe: how.
        generator: draws batches, augmentation and outliers.
    """
    unknown, digits = network.head.out_features - 1, known.digits
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.2
    )
    mean = deepcopy(network).eval()
    targets = torch.full((recipe.digits + recipe.outliers,), unknown)
    left_out = round(recipe.trimmed * recipe.outliers)
    order = torch.empty(0, dtype=torch.long)
    network.train()
    for step in range(recipe.steps):
        if len(order) < recipe.digits:
            order = torch.randperm(len(known), generator=generator)
        picked, order = order[: recipe.digits], order[recipe.digits :]
        sources = torch.randint(len(known), (recipe.outliers,), generator=generator)
        outliers = recipe.synthesise(
            augment(known.images[sources], generator), digits[sources], generator
        )
        batch = torch.cat([augment(known.images[picked], generator), outliers])
        targets[: recipe.digits] = known.labels[picked]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(batch.contiguous(memory_format=torch.channels_last)).logits
        losses = F.cross_entropy(
            logits.float(), targets, reduction="none", label_smoothing=recipe.smoothing
        )
        easiest = losses[recipe.digits :].sort().values[: recipe.outliers - left_out]
        loss = (losses[: recipe.digits].sum() + easiest.sum()) / (len(batch) - left_out)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        average(mean, network, min(recipe.memory, (step + 1) / (step + 10)))
    return mean


@torch.no_grad()
def average(mean: nn.Module, network: nn.Module, memory: float) -> None:
    """Move the weights and statistics of `mean` towards those of `network`."""
    for old, new in zip(mean.state_dict().values(), network.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - memory)
        else:
            old.copy_(new)
