"""Draws that follow from a generator alone."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def uniform(shape: tuple[int, ...], low: float, high: float, generator: Generator) -> Tensor:
    """Float32 of `shape`, uniform in [low, high)."""
    return low + (high - low) * torch.rand(shape, generator=generator)


def choose(weights: list[float], count: int, generator: Generator) -> Tensor:
    """Int64 (count,): places in `weights`, each drawn as often as its weight says."""
    return torch.multinomial(torch.tensor(weights), count, replacement=True, generator=generator)


def shuffled(count: int, generator: Generator) -> Tensor:
    """Int64 (count,): the numbers below `count` in a random order."""
    return torch.randperm(count, generator=generator)
