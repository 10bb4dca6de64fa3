"""Images drawn afresh for each check: a few pen strokes, so that no check waits for a data set."""

from __future__ import annotations

import numpy as np

SIDE = 28


def draw_strokes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw images of two smooth strokes each.

    Returns:
        (count, 1, 28, 28) float32 in [-1, 1], -1 is background.
    """
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    along = np.linspace(0, 1, 40)[:, None]
    images = np.zeros((count, SIDE, SIDE))
    for image in images:
        for _ in range(2):
            start, bend, end = rng.uniform(5, 23, size=(3, 2))
            points = (1 - along) ** 2 * start + 2 * along * (1 - along) * bend + along**2 * end
            squared = (rows[..., None] - points[:, 0]) ** 2 + (
                columns[..., None] - points[:, 1]
            ) ** 2
            np.maximum(image, np.exp(-squared.min(axis=-1) / 2.5), out=image)  # a soft pen
    return (2 * images - 1)[:, None].astype(np.float32)
