"""The second floor: what a linear subspace of pixels cannot redraw. It needs no network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs


def residual(pixels: Tensor, mean: Tensor, basis: Tensor) -> Tensor:
    """Length of what lies outside the subspace: pixels (N, D), basis (D, P) -> (N,)."""
    centred = pixels - mean
    outside: Tensor = centred - centred @ basis @ basis.T
    length: Tensor = torch.linalg.vector_norm(outside, dim=1)
    return length


@dataclass
class Pca:
    """Distance of an image's pixels from the training images' first principal components."""

    components: int = 32
    needs = ("images",)

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Fit mean and principal components, in float64."""
        pixels = outputs["images"].flatten(1)
        self.mean = pixels.double().mean(dim=0).float()
        centred = pixels - self.mean
        _, vectors = torch.linalg.eigh((centred.T @ centred).double())  # ascending
        self.basis = vectors[:, -self.components :].float()

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return residual(outputs["images"].flatten(1), self.mean, self.basis)
