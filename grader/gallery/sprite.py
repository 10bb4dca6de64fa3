"""Images as one small PNG that a page holds in itself."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from datasets.image_set import SIDE

GREYS = 8  # as small as pictures are shown, nobody sees more; the bytes count 300 times a class


def as_pixels(drawn: np.ndarray) -> np.ndarray:
    """Finite images (N, 1, 28, 28) in [-1, 1] as uint8 (N, 28, 28), the rest clipped."""
    clipped = np.clip(drawn[:, 0].astype(np.float64), -1.0, 1.0)
    return np.asarray(np.round((clipped + 1) * 127.5).astype(np.uint8))


def sprite(rows: list[np.ndarray]) -> str:
    """Rows of images (N, 28, 28) uint8, N the same in each, as a PNG of 8 greys in base64.

    Image n of row r lies at (28 n, 28 r).
    """
    lines = [row.transpose(1, 0, 2).reshape(SIDE, -1) for row in rows]
    greys = np.round(np.concatenate(lines) * ((GREYS - 1) / 255)).astype(np.uint8)
    image = Image.fromarray(greys)
    image.putpalette([round(255 * (n // 3) / (GREYS - 1)) for n in range(3 * GREYS)])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", bits=4, optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
