"""What the package hands out: images with their labels, and a profile made of such sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.errors import DataError

UNKNOWN = 10
SIDE = 28


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images of one family and their labels.

    Attributes:
        name: what this set is, such as "mnist-test" or "fashion_mnist".
        family: "digits" for known classes; for an unknown set its family, such as "letters".
        images: (N, 28, 28) uint8; 0 is background, 255 is ink.
        labels: (N,) int64; 0 to 9 are the known digits, 10 is unknown.
        graded: False for a set that is reported and is no part of a mark.

    Raises:
        DataError: the arrays have other shapes, types or ranges than these.
    """

    name: str
    family: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    graded: bool = True

    def __post_init__(self) -> None:
        images, labels = self.images, self.labels
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
            raise DataError(
                f"{self.name}: images must be uint8 (N, {SIDE}, {SIDE}), "
                f"not {images.dtype} {images.shape}"
            )
        if labels.dtype != np.int64 or labels.shape != (len(images),):
            raise DataError(
                f"{self.name}: labels must be int64 ({len(images)},), "
                f"not {labels.dtype} {labels.shape}"
            )
        if len(labels) and not 0 <= labels.min() <= labels.max() <= UNKNOWN:
            raise DataError(
                f"{self.name}: labels must lie in 0 to {UNKNOWN}, "
                f"not in {labels.min()} to {labels.max()}"
            )

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, eq=False)
class Profile:
    """One complete piece of work: what to train on, what to fit on, what to test on.

    Attributes:
        name: "digits" or "mnist".
        train: known digits for the weights.
        heldout: known digits for the threshold, and for nothing else.
        test: the public test digits.
        unknowns: the public unknown test sets, a family each.
    """

    name: str
    train: ImageSet
    heldout: ImageSet
    test: ImageSet
    unknowns: tuple[ImageSet, ...]


def unknown_set(
    family: str, images: NDArray[np.uint8], *, graded: bool = True, name: str = ""
) -> ImageSet:
    """Images (N, 28, 28) uint8 that are all unknown; the set is named as its family by default."""
    labels = np.full(len(images), UNKNOWN, dtype=np.int64)
    return ImageSet(name or family, family, images, labels, graded)
