"""What a run works on: known images to learn from, known and unknown images to test on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from datasets.image_set import UNKNOWN
from solutions.errors import UserError
from solutions.zoo.known import Known

Pixels = NDArray[np.uint8]  # (N, H, W) grey or (N, H, W, 3) in colour
Labels = NDArray[np.int64]  # (N,)


@dataclass(frozen=True, eq=False)
class OpenSet:
    """Known and unknown images.

    Attributes:
        about: What this is, for the record: which images, whose split.
        known: What a method may learn from; classes 0 to K - 1.
        test: Known images to test on, of the same classes.
        unknowns: Images to test on that are of no known class, float32 (N, C, H, W) in [-1, 1], by
            family.
        classes: What the classes 0 to K - 1 were called in the data.

    Raises:
        UserError: The images differ in size or channels, are not square, a part is empty, or there
            are more than ten known classes.
    """

    about: str
    known: Known
    test: Known
    unknowns: Mapping[str, Tensor]
    classes: tuple[int, ...]

    def __post_init__(self) -> None:
        shape = self.known.images.shape[1:]
        if shape[1] != shape[2]:
            raise UserError(f"images have to be square, not {shape[1]} x {shape[2]}")
        if self.known.num_classes < 2:
            raise UserError("there have to be two known classes at least")
        if self.known.num_classes > UNKNOWN:
            raise UserError(
                f"{self.known.num_classes} known classes: label {UNKNOWN} is unknown, "
                f"so {UNKNOWN} at most"
            )
        if not self.num_unknown:
            raise UserError("there are no unknown images to test on")
        for name, images in {"test": self.test.images, **self.unknowns}.items():
            if images.shape[1:] != shape or not len(images):
                raise UserError(
                    f"{name}: images are {tuple(images.shape)}, those to learn from (N, "
                    f"{', '.join(map(str, shape))})"
                )

    @property
    def channels(self) -> int:
        """1 for grey images, 3 for colour."""
        return self.known.images.shape[1]

    @property
    def num_unknown(self) -> int:
        """How many unknown images there are, of all families."""
        return sum(len(images) for images in self.unknowns.values())

    @property
    def size(self) -> int:
        """Height and width in pixels."""
        return self.known.images.shape[2]


def as_images(pixels: Pixels) -> Tensor:
    """Pixels (N, H, W) or (N, H, W, 3) uint8 as float32 (N, C, H, W) in [-1, 1].

    Every set is scaled by the same two numbers: one scaled by its own mean would tell by its
    contrast alone that it is another set.
    """
    planes = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(planes)).float() / 127.5 - 1


def chosen(pixels: Pixels, labels: Labels, classes: Sequence[int]) -> Known:
    """The images of these classes, relabelled 0 to K - 1 in the order given."""
    place = {label: index for index, label in enumerate(classes)}
    members = np.flatnonzero(np.isin(labels, list(classes)))
    new = np.array([place[label] for label in labels[members].tolist()], dtype=np.int64)
    return Known(as_images(pixels[members]), torch.from_numpy(new))


def require_classes(classes: Sequence[int], there: Sequence[int], what: str) -> tuple[int, ...]:
    """The classes, in ascending order.

    Args:
        classes: What was asked for.
        there: What there is.
        what: Whose classes, for the message.

    Raises:
        UserError: One is not there or named twice.
    """
    absent = sorted(set(classes) - set(there))
    if absent:
        raise UserError(f"{what}: no class {absent[0]}; there are {', '.join(map(str, there))}")
    if len(set(classes)) < len(classes):
        raise UserError(f"{what}: a class is named twice in {list(classes)}")
    return tuple(sorted(classes))
