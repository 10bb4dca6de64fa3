"""Curves drawn with a pen like MNIST's, and images drawn anew so that all have similar edges."""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from solutions.zoo.outliers.random import uniform


def draw(points: Tensor, radius: Tensor, softness: Tensor, side: int = 28) -> Tensor:
    """Draw the points that lie along strokes with a round pen.

    Args:
        points: float32 (N, P, 2), (x, y) in pixels from the image's middle; one that is not to be
            drawn lies far outside.
        radius: (N,) pixels, where the ink is half as bright as white.
        softness: (N,) pixels over which an edge goes from black to white.
        side: of the images.

    Returns:
        float32 (N, 1, side, side) in [-1, 1].
    """
    place = torch.arange(side).float() - (side - 1) / 2
    across = (points[:, :, 0, None] - place).square()  # (N, P, W)
    down = (points[:, :, 1, None] - place).square()  # (N, P, H)
    squared = torch.full((len(points), side, side), torch.inf)
    for index in range(
        points.shape[1]
    ):  # in place: a tensor of all distances would not fit a cache
        torch.minimum(squared, down[:, index, :, None] + across[:, index, None, :], out=squared)
    edge = (radius[:, None, None] - squared.sqrt()) / softness[:, None, None]
    return (2 * (edge + 0.5).clamp(0, 1) - 1)[:, None]


def blur(images: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of images (N, 1, H, W), `sigma` in pixels; what lies outside is background."""
    reach = max(1, round(3 * sigma))
    place = torch.arange(-reach, reach + 1).float()
    kernel = torch.exp(-place.square() / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    rows = F.conv2d(images + 1, kernel[None, None, :, None], padding=(reach, 0))
    return F.conv2d(rows, kernel[None, None, None, :], padding=(0, reach)) - 1


def redraw(images: Tensor, generator: Generator) -> Tensor:
    """Images blurred and sharpened again, with the ink a little thicker or thinner.

    Applied to digits and to outliers alike, it keeps a network from telling the two apart by the
    shape of an edge instead of by the shape of a stroke, and stands for other pens and scanners.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        generator: draws each image's blur (of two), threshold and steepness.
    """
    n = len(images)
    ink = (images + 1) / 2
    soft = torch.where(
        uniform((n, 1, 1, 1), 0, 1, generator) < 0.5, blur(images, 0.6), blur(images, 1.0)
    )
    soft = (soft + 1) / 2
    threshold = uniform((n, 1, 1, 1), 0.25, 0.6, generator)
    steepness = uniform((n, 1, 1, 1), 1.2, 4.0, generator)
    sharp = ((soft - threshold) * steepness + 0.5).clamp(0, 1)
    share = uniform((n, 1, 1, 1), 0, 1, generator)
    return 2 * (share * ink + (1 - share) * sharp) - 1
