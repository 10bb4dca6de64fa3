"""Digits with a piece erased, moved, mirrored or bent, or with a stroke too many."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from solutions.zoo.outliers.glyphs import glyphs
from solutions.zoo.outliers.joined import half_planes
from solutions.zoo.outliers.random import choose, uniform
from solutions.zoo.outliers.turned import turn_any
from solutions.zoo.outliers.warp import elastic, fit_box, random_affine


def fragments(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """What lies on one side of a line through a digit, often made as large as a digit, turned.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        labels: int64 (N,), not used.
        generator: draws the lines, sizes and turns.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].
    """
    n = len(images)
    mask = half_planes(n, 2.5, generator)
    part = (images + 1) * mask - 1
    large = fit_box(part, uniform((n,), 14, 21, generator))
    part = torch.where(uniform((n, 1, 1, 1), 0, 1, generator) < 0.7, large, part)
    turning = uniform((n, 1, 1, 1), 0, 1, generator) < 0.5
    return torch.where(turning, turn_any(part, generator), part)


def moved(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """Digits with the part beyond a line turned, mirrored or shifted away from the rest.

    Args, returns: as `fragments`.
    """
    n = len(images)
    mask = half_planes(n, 3.0, generator)
    ink = images + 1
    rest, part = ink * mask, ink * (1 - mask) - 1
    far = random_affine(part, generator, turn=25, shift=6, shear=0.5)
    flipped = turn_any(part, generator)
    kind = choose([0.4, 0.6], n, generator)[:, None, None, None]
    other = torch.where(kind == 0, far, flipped) + 1
    return torch.maximum(rest, other) - 1


def added(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """Digits, whole or cut, with random strokes over them.

    Args, returns: as `fragments`.
    """
    n = len(images)
    strokes = glyphs(images, labels, generator)
    # A few strokes of the sign only, so that the digit is not drowned.
    part = (strokes + 1) * half_planes(n, 5.0, generator) - 1
    whole = uniform((n, 1, 1, 1), 0, 1, generator) < 0.5
    base = torch.where(whole, images, (images + 1) * half_planes(n, 4.0, generator) - 1)
    return torch.maximum(base, part)


def bent(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """Digits bent so strongly that most cannot be read, then half of them turned.

    Args, returns: as `fragments`.
    """
    n = len(images)
    strong = elastic(images, uniform((n,), 3.0, 6.0, generator), 4, generator)
    strong = fit_box(strong, uniform((n,), 15, 22, generator))
    turning = uniform((n, 1, 1, 1), 0, 1, generator) < 0.5
    return torch.where(turning, turn_any(strong, generator), strong)
