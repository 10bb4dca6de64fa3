"""Images drawn afresh for each check: a few pen strokes, so that no check waits for a data set."""

from __future__ import annotations

import numpy as np

SIDE = 28


def draw_strokes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw images of two smooth strokes each.

    Returns:
        (count, 1, 28, 28) float32 in [-1, 1], -1 is background.
    """
    pixels = np.arange(SIDE)[:, None]
    along = np.linspace(0, 1, 40)[:, None]
    images = np.zeros((count, SIDE, SIDE))
    for image in images:
        for _ in range(2):
            start, bend, end = rng.uniform(5, 23, size=(3, 2))
            points = (1 - along) ** 2 * start + 2 * along * (1 - along) * bend + along**2 * end
            down, across = (pixels - points.T[:, None]) ** 2  # (28, 40) each
            squared = down[:, None] + across  # (28, 28, 40): to each point of the stroke
            np.maximum(image, np.exp(-squared.min(axis=-1) / 2.5), out=image)  # a soft pen
    return (2 * images - 1)[:, None].astype(np.float32)
