"""Parts of two digits in one image: cut along any line, or laid over each other."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from solutions.zoo.outliers.random import shuffled, uniform
from solutions.zoo.outliers.turned import turn_any
from solutions.zoo.outliers.warp import fit_box, random_affine


def half_planes(count: int, offset: float, generator: Generator, side: int = 28) -> Tensor:
    """Masks (N, 1, side, side) in [0, 1] of one side of a random line, soft over a pixel.

    Args:
        count: N.
        offset: how far from the middle the lines run, at most, in pixels.
        generator: draws the lines; half of them are level or upright.
        side: of the masks.
    """
    any_angle = uniform((count,), 0, 2 * math.pi, generator)
    upright = (any_angle / (math.pi / 2)).floor() * (math.pi / 2)
    angle = torch.where(uniform((count,), 0, 1, generator) < 0.5, upright, any_angle)
    distance = uniform((count,), -offset, offset, generator)
    place = torch.arange(side).float() - (side - 1) / 2
    cosine, sine = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
    signed = cosine * place + sine * place[:, None] - distance[:, None, None]
    return (signed + 0.5).clamp(0, 1)[:, None]


def joined(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """Each digit with the part beyond a random line taken from another one.

    The other digit is of another class, or turned by a quarter or a half or mirrored.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        labels: int64 (N,).
        generator: draws partners, lines and turns.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].
    """
    n = len(images)
    partner = shuffled(n, generator)
    other = random_affine(images[partner], generator, turn=10, shift=2)
    same = labels[partner] == labels
    turning = same | (uniform((n,), 0, 1, generator) < 0.3)
    other = torch.where(turning[:, None, None, None], turn_any(other, generator), other)
    mask = half_planes(n, 3.0, generator)
    return images * mask + other * (1 - mask)


def overlaid(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """Two digits, each smaller and shifted aside, in one image: beside or over each other.

    Args, returns: as `joined`.
    """
    n = len(images)
    partner = shuffled(n, generator)
    size = uniform((n,), 9, 19, generator)
    first = fit_box(images, size)
    second = fit_box(images[partner], size * uniform((n,), 0.6, 1.2, generator))
    angle = uniform((n,), 0, 2 * math.pi, generator)
    away = uniform((n,), 1.5, 6.5, generator)
    shift = torch.stack([torch.cos(angle), torch.sin(angle)], dim=1) * away[:, None]
    return torch.maximum(_moved(first, shift), _moved(second, -shift))


def _moved(images: Tensor, shift: Tensor) -> Tensor:
    """Images moved by `shift` (N, 2), whole pixels, around the edges."""
    side = images.shape[-1]
    place = torch.arange(side)
    columns = (place - shift[:, :1].round().long()) % side  # (N, W)
    rows = (place - shift[:, 1:].round().long()) % side
    every = torch.arange(len(images))[:, None, None]
    return images[:, 0][every, rows[:, :, None], columns[:, None, :]][:, None]
