"""Grey values as the networks take them. Given, not graded."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_images(array: NDArray[np.uint8]) -> Tensor:
    """Turn grey values into what the networks take.

    Args:
        array: uint8 (N, 28, 28), 0 is background, 255 is ink.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].

    Raises:
        ValueError: another dtype or shape.
    """
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[1:] != (28, 28):
        raise ValueError(f"images are uint8 (N, 28, 28), not {array.dtype} {array.shape}")
    return scaled(torch.from_numpy(np.array(array)))  # a copy: the array may be read-only


def scaled(pixels: Tensor) -> Tensor:
    """Turn pixels, uint8 (N, 28, 28) on any device, into float32 (N, 1, 28, 28) in [-1, 1]."""
    return pixels.unsqueeze(1).float() / 127.5 - 1
