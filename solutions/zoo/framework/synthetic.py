"""Unknown images made from a batch of known ones, and from nothing else."""

from __future__ import annotations

import torch
from torch import Tensor

GRID = 4  # patches across and down


def synthetic_unknowns(images: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """One image that is of no class for each image of a batch.

    Half of them are two images over each other, pixel by pixel the brighter one, where a partner of
    another class can be found by chance; all others are cut into 4 x 4 patches that change places.
    The one keeps the strokes and breaks the shape, the other keeps what patches look like.

    Args:
        images: float (N, C, H, W), N >= 1; H and W at least 4. Left unchanged.
        labels: int64 (N,).
        generator: Of the CPU.

    Returns:
        float (N, C, H, W); of an image whose sides are no multiples of 4 a margin stays in place.
    """
    count = len(images)
    partner = torch.randperm(count, generator=generator)
    overlaid = labels != labels[partner]
    overlaid[count // 2 :] = False
    return torch.where(
        overlaid[:, None, None, None],
        torch.maximum(images, images[partner]),
        _patches_permuted(images, generator),
    )


def _patches_permuted(images: Tensor, generator: torch.Generator) -> Tensor:
    """Images (N, C, H, W) with their patches in another order, each image in its own."""
    count, channels, height, width = images.shape
    tall, wide = height // GRID, width // GRID
    inner = images[:, :, : tall * GRID, : wide * GRID]
    patches = inner.reshape(count, channels, GRID, tall, GRID, wide)
    patches = patches.permute(0, 2, 4, 1, 3, 5).reshape(count, GRID**2, channels, tall, wide)
    order = torch.rand(count, GRID**2, generator=generator).argsort(dim=1)
    patches = patches[torch.arange(count)[:, None], order]
    patches = patches.reshape(count, GRID, GRID, channels, tall, wide).permute(0, 3, 1, 4, 2, 5)
    result = images.clone()
    result[:, :, : tall * GRID, : wide * GRID] = patches.reshape(inner.shape)
    return result
