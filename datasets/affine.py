"""Small random movements of images, by fractions of a pixel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.resize import cubic, to_uint8

AT_ONCE = 256  # images, so that the working memory stays at a few MB


@dataclass(frozen=True)
class Movement:
    """How far images are moved, either way, each amount uniform and independent of the others.

    Attributes:
        turn: degrees.
        scale: share of the size.
        shift: pixels, along each axis.
    """

    turn: float
    scale: float
    shift: float


def move(
    images: NDArray[np.uint8], movement: Movement, random: np.random.RandomState
) -> NDArray[np.uint8]:
    """Every image turned, scaled and shifted a little, each in its own way.

    The middle stays the middle but for the shift. Beyond its edge an image goes on as it ends
    there, which is background for a digit and leaves no black wedge in a photograph.

    Args:
        images: (N, H, W) uint8.
        movement: how far.
        random: draws the amounts.
    """
    count = len(images)
    turn = np.radians(random.uniform(-movement.turn, movement.turn, count))
    scale = 1 + random.uniform(-movement.scale, movement.scale, count)
    shift = random.uniform(-movement.shift, movement.shift, (count, 2))
    # The way back: from a pixel of the result to its place in the image, in (row, column).
    cosine, sine = np.cos(turn) / scale, np.sin(turn) / scale
    back = np.stack([cosine, sine, -sine, cosine], axis=-1).reshape(count, 2, 2)
    parts = [slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE)]
    moved = [sample(images[part], back[part], shift[part]) for part in parts]
    return np.concatenate([np.empty_like(images[:0]), *moved])


def sample(
    images: NDArray[np.uint8], back: NDArray[np.float64], shift: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Images seen through affine maps, with Keys' cubic interpolation over 4 by 4 pixels.

    Args:
        images: (N, H, W) uint8.
        back: (N, 2, 2), from a pixel of the result to one of the image, about the middle.
        shift: (N, 2), how far the result lies below and to the right of the image, in pixels.
    """
    count, height, width = images.shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    grid = np.indices((height, width)).reshape(2, -1).T - middle  # (H * W, 2)
    places = (grid - shift[:, None]) @ back.transpose(0, 2, 1) + middle  # (N, H * W, 2)
    corners = np.floor(places).astype(np.intp)
    which = np.arange(count)[:, None]
    total = np.zeros((count, height * width))
    for down in range(-1, 3):
        row = corners[..., 0] + down
        row_weight = cubic(places[..., 0] - row)
        for right in range(-1, 3):
            column = corners[..., 1] + right
            weight = row_weight * cubic(places[..., 1] - column)
            inside = np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)
            total += weight * images[which, inside[0], inside[1]]
    return to_uint8(total).reshape(images.shape)
