"""Move digits about a little, a batch at a time. Given, not graded.

A digit that is turned, shifted or scaled a little is still the same digit: a network that has seen
it so does not stumble over it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Jitter:
    """How far an image may be moved; each amount is drawn uniformly between minus and plus it.

    Attributes:
        rotation: degrees about the middle of the image.
        shift: pixels, in x and in y.
        scale: a fraction of the size, below 1; x and y are drawn apart.
        shear: how far the top moves sideways, as a fraction of the height.
    """

    rotation: float = 0.0
    shift: float = 0.0
    scale: float = 0.0
    shear: float = 0.0


def jittered(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Move each image of a batch by its own random amount, with bilinear interpolation.

    Args:
        images: float32 (N, 1, H, W) in [-1, 1]; left unchanged.
        jitter: how far at most; `Jitter()` gives the images themselves.
        generator: of the CPU, so that every device sees the same movements.

    Returns:
        float32 (N, 1, H, W) in [-1, 1]; what comes in at the border is background (-1).
    """
    if jitter == Jitter() or len(images) == 0:
        return images
    movement = _movements(len(images), images.shape[-1], jitter, generator)  # (N, 2, 3)
    grid = F.affine_grid(movement.to(images.device), list(images.shape), align_corners=False)
    # `grid_sample` pads with 0, so background has to be 0 while it works.
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


def _movements(count: int, width: int, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Draw affine matrices (count, 2, 3) that map places in the output to places in the input."""
    spread = torch.tensor(
        [
            math.radians(jitter.rotation),
            jitter.shift * 2 / width,  # the image spans [-1, 1]
            jitter.shift * 2 / width,
            jitter.scale,
            jitter.scale,
            jitter.shear,
        ]
    )
    drawn = (torch.rand(count, 6, generator=generator) * 2 - 1) * spread  # (count, 6)
    angle, shift_x, shift_y, scale_x, scale_y, shear = drawn.unbind(dim=1)  # each (count,)
    cos, sin = angle.cos(), angle.sin()
    across, down = 1 / (1 + scale_x), 1 / (1 + scale_y)  # larger digit, smaller part of the input
    first = torch.stack([across * cos, across * (shear - sin), shift_x], dim=1)  # (count, 3)
    second = torch.stack([down * sin, down * cos, shift_y], dim=1)
    return torch.stack([first, second], dim=1)
