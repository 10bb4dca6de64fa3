"""Resizing and grey levels, in NumPy alone so that every machine gets the same pixels."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.generic)


def resize(images: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Images (N, H, W) uint8 at another size, with Keys' cubic filter.

    Where the image shrinks the filter widens with it, so that fine patterns turn grey
    instead of into false ones (antialiasing, as in Pillow's BICUBIC).
    """
    return to_uint8(interpolate(images.astype(np.float64), height, width))


def interpolate(images: NDArray[np.floating], height: int, width: int) -> NDArray[np.float64]:
    """The same for real values (N, H, W); the filter can overshoot their range a little."""
    rows = _weights(images.shape[1], height)
    columns = _weights(images.shape[2], width)
    return np.asarray(rows @ images @ columns.T)


def grey(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colour images (N, H, W, 3) uint8 as luma (N, H, W) uint8, after ITU-R BT.601."""
    return to_uint8(images @ np.array([0.299, 0.587, 0.114]))


def pad(images: NDArray[Kind], margin: int) -> NDArray[Kind]:
    """Images (N, H, W) with `margin` rows and columns of background on every side."""
    return np.pad(images, ((0, 0), (margin, margin), (margin, margin)))


def to_uint8(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Grey levels rounded, and clipped to 0 to 255.

    Exact halves are common here, and the last bit of a product depends on the processor: a hair
    above one half makes them go the same way everywhere.
    """
    whole = np.floor(values + (0.5 + 1e-6))
    return np.asarray(np.clip(whole, 0, 255), dtype=np.uint8)


def _weights(before: int, after: int) -> NDArray[np.float64]:
    """(after, before): how much of each old pixel goes into each new one; rows add up to 1."""
    scale = before / after
    support = max(scale, 1.0)
    centres = (np.arange(after) + 0.5) * scale - 0.5
    weights = cubic((np.arange(before) - centres[:, None]) / support)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def cubic(distance: NDArray[np.floating]) -> NDArray[np.floating]:
    """Keys' cubic convolution kernel with a = -1/2 at these distances, in pixels.

    Source: R. Keys, Cubic convolution interpolation for digital image processing, 1981, eq. 15.
    """
    x = np.abs(distance)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
