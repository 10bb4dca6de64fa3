"""System a's two measures of a reconstruction: Euclidean distance, and binarised difference.

Source: system a (norm loss and difference loss).
"""

from __future__ import annotations

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.larger_of import Standard, larger_of, standard_of

INK = 0.0  # a pixel above it is ink: half grey, in every image the same


def norm(images: Tensor, reconstruction: Tensor) -> Tensor:
    """Euclidean distance: two (N, C, H, W) -> (N,)."""
    distances: Tensor = torch.linalg.vector_norm((images - reconstruction).flatten(1), dim=1)
    return distances


def diff(images: Tensor, reconstruction: Tensor) -> Tensor:
    """How many pixels are ink in one image and background in the other: (N,), float64.

    The border between ink and background is one fixed grey value, never one of the batch's own: an
    image's difference would depend on its neighbours.

    Args:
        images: (N, C, H, W) in [-1, 1].
        reconstruction: (N, C, H, W).
    """
    return ((images > INK) != (reconstruction > INK)).flatten(1).sum(dim=1).double()


class NormDiff:
    """The larger of both measures, each standardised by training images."""

    needs = ("images", "reconstruction")
    standard: Standard

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Remember mean and deviation of both measures."""
        self.standard = standard_of(_measures(outputs))

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64: above 2 where a measure exceeds its mean + 2 std."""
        return larger_of(_measures(outputs), self.standard)


def _measures(outputs: Outputs) -> Tensor:
    images, reconstruction = outputs["images"], outputs["reconstruction"]
    measures = norm(images, reconstruction).double(), diff(images, reconstruction)
    return torch.stack(measures, dim=1)  # (N, 2)
