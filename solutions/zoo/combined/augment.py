"""Known digits as other writers, pens and scanners might have put them down."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, where

from solutions.zoo.outliers.pen import redraw
from solutions.zoo.outliers.random import uniform
from solutions.zoo.outliers.warp import elastic, random_affine


def augment(images: Tensor, generator: Generator) -> Tensor:
    """Digits turned, sheared, scaled and bent a little, and drawn anew: each by chance.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        generator: draws the amounts, and which images stay as they are.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].
    """
    n = len(images)
    other = random_affine(images, generator, turn=12, scale=(0.85, 1.2), stretch=1.15, shear=0.2)
    other = elastic(other, uniform((n,), 0.0, 0.8, generator), 4, generator)
    warped = where(_by_chance(n, 0.6, generator), other, images)
    return where(_by_chance(n, 0.5, generator), redraw(warped, generator), warped)


def augment_all(images: Tensor, generator: Generator, at_once: int = 1_000) -> Tensor:
    """As `augment`, a part at a time, for as many images as one likes."""
    starts = range(0, len(images), at_once)
    return torch.cat([augment(images[start : start + at_once], generator) for start in starts])


def _by_chance(count: int, share: float, generator: Generator) -> Tensor:
    """Bool (count, 1, 1, 1)."""
    return uniform((count, 1, 1, 1), 0, 1, generator) < share
