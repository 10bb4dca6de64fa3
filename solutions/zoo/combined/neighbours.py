"""How far an image lies from the training digits of the class that it is taken for.

Source: Y. Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML (2022),
for the k-th neighbour of rows of length 1; here of blurred pixels, and within one class.
The ink is first brought to one place and size: a digit that another source has put two pixels
aside would else be far from all.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from solutions.zoo.combined.moments import normalise
from solutions.zoo.outliers.pen import blur

AT_ONCE = 512  # images, so that a table of distances stays at some MB
SIGMA = 1.0  # pixels of blur, so that strokes that run side by side are still alike


@dataclass(frozen=True)
class Neighbours:
    """The training digits' blurred pixels, a class at a time.

    Attributes:
        banks: K tensors float32 (N_c, D), rows of length 1.
        nth: which neighbour counts, from 1.
    """

    banks: list[Tensor]
    nth: int

    def distances(self, images: Tensor, classes: Tensor) -> Tensor:
        """Squared distance from the nth neighbour within a class.

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1].
            classes: int64 (N,) in 0 to K - 1.

        Returns:
            float32 (N,) in [0, 2].
        """
        result = torch.empty(len(images))
        for index, bank in enumerate(self.banks):
            members = (classes == index).nonzero()[:, 0]
            for start in range(0, len(members), AT_ONCE):
                part = members[start : start + AT_ONCE]
                likeness = blurred_rows(images[part]) @ bank.T
                nearest = likeness.topk(min(self.nth, len(bank)), dim=1).values[:, -1]
                result[part] = (2 - 2 * nearest).clamp_min(0)
        return result


def fit_neighbours(images: Tensor, labels: Tensor, nth: int = 3) -> Neighbours:
    """Keep digits (N, 1, 28, 28) with labels (N,) in 0 to K - 1, every class present."""
    rows = blurred_rows(images)
    classes = int(labels.max()) + 1
    return Neighbours([rows[labels == index] for index in range(classes)], nth)


def blurred_rows(images: Tensor) -> Tensor:
    """Blurred ink as rows of length 1: (N, 1, H, W) in [-1, 1] to (N, H * W), at least 0."""
    return F.normalize((blur(normalise(images), SIGMA) + 1).flatten(1), dim=1)
