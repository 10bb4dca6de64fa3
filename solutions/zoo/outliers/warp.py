"""Images seen through affine maps and through smooth random displacements.

Source: P. Simard, D. Steinkraus and J. Platt, "Best Practices for Convolutional Neural Networks
Applied to Visual Document Analysis", ICDAR (2003), for the elastic displacement.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from solutions.zoo.outliers.random import uniform

BLACK = -1.0


def sample(images: Tensor, grid: Tensor) -> Tensor:
    """Images read at the places of a grid, bilinearly; background lies beyond their edges.

    Args:
        images: float32 (N, 1, H, W) in [-1, 1].
        grid: float32 (N, H, W, 2), (x, y) in [-1, 1] across the image.

    Returns:
        float32 (N, 1, H, W) in [-1, 1].
    """
    ink = F.grid_sample(images - BLACK, grid, mode="bilinear", align_corners=False)
    return ink + BLACK


def affine_matrices(
    turn: Tensor, scale: Tensor, stretch: Tensor, shear: Tensor, shift: Tensor
) -> Tensor:
    """The maps from a place in the result to one in the image.

    Args:
        turn: (N,) radians.
        scale: (N,) above 0, how much larger the result shows the image.
        stretch: (N,) above 0, how much wider than high.
        shear: (N,) columns a row.
        shift: (N, 2), (x, y) in halves of the image's side.

    Returns:
        float32 (N, 2, 3), as `F.affine_grid` takes them.
    """
    root = stretch.sqrt()
    cosine, sine = torch.cos(turn), torch.sin(turn)
    first = torch.stack([cosine, sine + shear], dim=-1) / (scale * root)[:, None]
    second = torch.stack([-sine, cosine], dim=-1) / (scale / root)[:, None]
    linear = torch.stack([first, second], dim=1)  # (N, 2, 2)
    return torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)


def affine_grid(matrices: Tensor, side: int) -> Tensor:
    """The grid (N, side, side, 2) of affine maps (N, 2, 3)."""
    return F.affine_grid(matrices, [len(matrices), 1, side, side], align_corners=False)


def moved(images: Tensor, pixels: float) -> Tensor:
    """Images (N, 1, H, H) moved down and to the right by `pixels`, which may be a fraction."""
    if pixels == 0:
        return images
    side = images.shape[-1]
    matrices = torch.eye(2, 3).repeat(len(images), 1, 1)
    matrices[:, :, 2] = -2 * pixels / side
    return sample(images, affine_grid(matrices, side))


def random_affine(
    images: Tensor,
    generator: Generator,
    *,
    turn: float = 15.0,
    scale: tuple[float, float] = (0.8, 1.2),
    stretch: float = 1.25,
    shear: float = 0.25,
    shift: float = 2.0,
) -> Tensor:
    """Each image turned, scaled, stretched, sheared and shifted in its own way.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        generator: draws the amounts, each uniform (scale and stretch in their logarithm).
        turn: degrees either way.
        scale: the smallest and the largest.
        stretch: width by height, at most; its inverse at least.
        shear: columns a row, either way.
        shift: pixels either way, along each axis.
    """
    n, side = len(images), images.shape[-1]
    log_low, log_high, log_stretch = math.log(scale[0]), math.log(scale[1]), math.log(stretch)
    matrices = affine_matrices(
        uniform((n,), -math.radians(turn), math.radians(turn), generator),
        uniform((n,), log_low, log_high, generator).exp(),
        uniform((n,), -log_stretch, log_stretch, generator).exp(),
        uniform((n,), -shear, shear, generator),
        uniform((n, 2), -2 * shift / side, 2 * shift / side, generator),
    )
    return sample(images, affine_grid(matrices, side))


def smooth_field(count: int, side: int, knots: int, generator: Generator) -> Tensor:
    """Smooth random displacements: (N, side, side, 2), each number standard normal at its knots."""
    coarse = torch.randn((count, 2, knots, knots), generator=generator)
    fine = F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=True)
    return fine.permute(0, 2, 3, 1)


def elastic(images: Tensor, pixels: float | Tensor, knots: int, generator: Generator) -> Tensor:
    """Images bent by a smooth random displacement.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        pixels: standard deviation of the displacement, one number or (N,).
        knots: independent displacements along each side, at least 2; fewer bend more smoothly.
        generator: draws the displacements.
    """
    n, side = len(images), images.shape[-1]
    straight = affine_grid(torch.eye(2, 3).expand(n, 2, 3), side)
    size = torch.as_tensor(pixels).expand(n)[:, None, None, None] * (2 / side)
    return sample(images, straight + size * smooth_field(n, side, knots, generator))


def fit_box(images: Tensor, longest: Tensor) -> Tensor:
    """Ink scaled so that the longer side of its bounding box is `longest`, and centred.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1]; one without ink comes back empty.
        longest: (N,) pixels.
    """
    side = images.shape[-1]
    ink = images[:, 0] > 0  # (N, H, W)
    place = torch.arange(side).float() - (side - 1) / 2
    boxes = []
    for axis in (1, 2):  # the columns that have ink, then the rows
        present = ink.any(dim=axis)
        low = torch.where(present, place, torch.inf).amin(dim=1)
        high = torch.where(present, place, -torch.inf).amax(dim=1)
        boxes.append((low, high))
    (left, right), (top, bottom) = boxes
    extent = torch.maximum(right - left, bottom - top) + 1
    extent = torch.where(extent.isfinite(), extent, longest).clamp_min(4.0)
    centre = torch.stack([left + right, top + bottom], dim=1) / side
    centre = torch.where(centre.isfinite(), centre, 0.0)
    scale = extent / longest  # (N,), pixels of the image a pixel of the result
    matrices = torch.eye(2, 3).repeat(len(images), 1, 1) * scale[:, None, None]
    matrices[:, :, 2] = centre
    return sample(images, affine_grid(matrices, side))
