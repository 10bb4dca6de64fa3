"""Images brought to one place and size by the moments of their ink."""

from __future__ import annotations

import torch
from torch import Tensor

from solutions.zoo.outliers.warp import affine_grid, sample

LEAST, MOST = 0.5, 1.6  # pixels of the image for one of the result


def normalise(images: Tensor, spread: float = 5.0) -> Tensor:
    """The ink's centre to the middle, its spread to a given size.

    Args:
        images: float32 (N, 1, H, W) in [-1, 1].
        spread: pixels, the standard deviation of the ink's place along the axis where it is more.

    Returns:
        float32 (N, 1, H, W) in [-1, 1].
    """
    side = images.shape[-1]
    place = torch.arange(side).float() - (side - 1) / 2
    ink = (images[:, 0] + 1) / 2  # (N, H, W)
    mass = ink.sum(dim=(1, 2)).clamp_min(1.0)
    centres, variances = [], []
    for axis in (1, 2):  # across, then down
        profile = ink.sum(dim=axis)
        centre = (profile @ place) / mass
        centres.append(centre * 2 / side)
        variances.append((profile @ place.square()) / mass - centre.square())
    size = torch.maximum(*variances).clamp_min(0.0).sqrt() / spread
    linear = torch.eye(2) * size.clamp(LEAST, MOST)[:, None, None]
    matrices = torch.cat([linear, torch.stack(centres, dim=1)[:, :, None]], dim=2)
    return sample(images, affine_grid(matrices, side))
