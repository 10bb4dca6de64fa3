"""Unknown images that are pieces of the two photographs that scikit-learn ships.

`china.jpg` by Mark Petersen and `flower.jpg` by dany13, both CC BY 2.0.
"""

import numpy as np
from numpy.typing import NDArray

from datasets.image_set import SIDE, ImageSet, unknown_set
from datasets.packaged import packaged_file
from datasets.resize import grey, resize
from datasets.seeds import stream

NAMES = ("china.jpg", "flower.jpg")
SIDES = (28, 112)  # of a piece before it is resized, in pixels of the photograph
LEAST_CONTRAST = 20.0  # standard deviation in grey levels; less is plain sky


def make_photographs(count: int, seed: int) -> ImageSet:
    """The family "photographs": grey square pieces of random places and sizes, some mirrored.

    Pieces of little contrast are passed over, since an empty image is neither known nor unknown.

    Raises:
        DataError: scikit-learn's photographs are not installed.
    """
    photographs = [_read(name) for name in NAMES]
    random = stream(seed, "photographs")
    pieces: list[NDArray[np.uint8]] = []
    while len(pieces) < count:
        piece = _piece(photographs[random.randint(len(photographs))], random)
        if piece.std() >= LEAST_CONTRAST:
            pieces.append(piece)
    images = np.stack(pieces) if pieces else np.empty((0, SIDE, SIDE), np.uint8)
    return unknown_set("photographs", images)


def _piece(photograph: NDArray[np.uint8], random: np.random.RandomState) -> NDArray[np.uint8]:
    """One square of the photograph (H, W) as (28, 28)."""
    side = random.randint(SIDES[0], SIDES[1] + 1)
    top = random.randint(photograph.shape[0] - side + 1)
    left = random.randint(photograph.shape[1] - side + 1)
    square = photograph[top : top + side, left : left + side]
    mirrored = square[:, ::-1] if random.randint(2) else square
    (small,) = resize(mirrored[None], SIDE, SIDE)
    return np.asarray(small)


def _read(name: str) -> NDArray[np.uint8]:
    """One photograph in grey, (427, 640) uint8."""
    from PIL import Image

    with Image.open(packaged_file("sklearn", "datasets", "images", name)) as image:
        (picture,) = grey(np.asarray(image.convert("RGB"))[None])
    return np.asarray(picture)
