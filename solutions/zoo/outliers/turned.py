"""Digits mirrored and turned by a quarter or a half, where that is no digit any more."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from solutions.zoo.outliers.random import uniform

# Which results are no digit of any class. The eight ways to turn: the first four turn by 0, 90,
# 180 and 270 degrees, the others mirror left and right first. 0, 1 and 8 stay what they are in
# most of them, 6 and 9 become each other, 2 and 5 mirrored look like each other, a mirrored 7 or 1
# or 4 is still written by some, and 3 mirrored or turned is no digit.
MOVED = (
    #  0  1  2  3  4  5  6  7  8  9
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),  # as it is
    (0, 1, 1, 1, 1, 1, 1, 1, 1, 1),  # 90
    (0, 0, 0, 1, 1, 0, 0, 1, 0, 0),  # 180
    (0, 1, 1, 1, 1, 1, 1, 1, 1, 1),  # 270
    (0, 0, 0, 1, 1, 0, 1, 1, 0, 1),  # mirrored
    (0, 1, 1, 1, 1, 1, 1, 1, 1, 1),  # mirrored, 90
    (0, 0, 0, 0, 1, 0, 1, 1, 0, 1),  # mirrored, 180: upside down
    (0, 1, 1, 1, 1, 1, 1, 1, 1, 1),  # mirrored, 270
)


def turn_by(images: Tensor, ways: Tensor) -> Tensor:
    """Images (N, 1, H, H) turned the way, 0 to 7, that `ways` (N,) says for each."""
    result = images.clone()
    for way in range(1, 8):
        chosen = ways == way
        picked = images[chosen].flip(3) if way >= 4 else images[chosen]
        result[chosen] = picked.rot90(way % 4, (2, 3))
    return result


def turn_any(images: Tensor, generator: Generator) -> Tensor:
    """Images turned any of the seven ways, whatever comes of it."""
    return turn_by(images, uniform((len(images),), 1, 8, generator).long())


def turned(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """Digits turned or mirrored into no digit; the classes that have no such way are replaced.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        labels: int64 (N,) in 0 to 9.
        generator: draws the ways, and for a 0 the digit that stands in for it.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1]; where all digits are 0, they come back as they are.
    """
    n = len(images)
    allowed = torch.tensor(MOVED, dtype=torch.float32)[:, labels].T.clone()  # (N, 8)
    usable = allowed.any(dim=1)
    if not usable.any():
        return images
    stand_in = torch.multinomial(usable.float(), n, replacement=True, generator=generator)
    source = torch.where(usable, torch.arange(n), stand_in)
    ways = torch.multinomial(allowed[source], 1, generator=generator)[:, 0]
    return turn_by(images[source], ways)
