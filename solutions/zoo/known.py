"""What a method is given to learn from: known images with their classes, and nothing unknown."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from datasets.splits import stratified_split
from solutions.errors import UserError

MOST_HELDOUT = 5000  # images
HELDOUT_SHARE = 0.25  # of a set so small that 5,000 would be most of it


@dataclass(frozen=True, eq=False)
class Known:
    """Images of known classes.

    Attributes:
        images: float32 (N, C, H, W) in [-1, 1].
        labels: int64 (N,), classes 0 to K - 1, each of them present.
        names: Which digit each class is, where they are not 0 to K - 1: some of the ten may be
            known, and what turns into what depends on the digit.

    Raises:
        UserError: no images, other shapes, NaN, or a class without an image.
    """

    images: Tensor
    labels: Tensor
    names: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.labels.shape != self.images.shape[:1]:
            raise UserError(
                "known images are (N, C, H, W) with labels (N,), not "
                f"{tuple(self.images.shape)} with {tuple(self.labels.shape)}"
            )
        finite = torch.isfinite(self.images).flatten(1).all(dim=1)
        if not finite.all():
            raise UserError(f"known image {int((~finite).nonzero()[0])} holds NaN or infinity")
        counts = torch.bincount(self.labels)
        if not len(counts) or int(counts.min()) == 0:
            absent = [label for label, count in enumerate(counts.tolist()) if not count]
            raise UserError(f"known images have to show every class; none shows {absent or 'any'}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def num_classes(self) -> int:
        """How many classes there are, K."""
        return int(self.labels.max()) + 1

    @property
    def digits(self) -> Tensor:
        """The digit that each image shows, int64 (N,)."""
        return torch.tensor(self.names)[self.labels] if self.names else self.labels

    def take(self, indices: Tensor) -> Known:
        """The images at these indices, int64 (M,)."""
        return Known(self.images[indices], self.labels[indices], self.names)


def split(known: Known, seed: int) -> tuple[Known, Known]:
    """Training images for weights and scores, and held-out ones for the threshold alone.

    A quarter is held out, at most 5,000 images, of every class its share. The split moves with the
    seed, so that an unlucky held-out set is part of the spread over seeds.

    Args:
        known: What a method may learn from.
        seed: Decides which image goes where.
    """
    heldout = min(MOST_HELDOUT, int(HELDOUT_SHARE * len(known)))
    parts = stratified_split(known.labels.numpy(), (len(known) - heldout, heldout), seed)
    train, rest = (known.take(torch.from_numpy(part)) for part in parts)
    return train, rest
