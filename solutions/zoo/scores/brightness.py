"""The floor under every result: how bright an image is on average.

A method that does not beat it has shown nothing. It needs no network.
"""

from __future__ import annotations

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs


def brightness(images: Tensor) -> Tensor:
    """The mean of each image's pixels: (N, C, H, W) -> (N,)."""
    return images.flatten(1).mean(dim=1)


class Brightness:
    """Distance of an image's brightness from that of training images, either way."""

    needs = ("images",)
    middle: Tensor

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Remember the median brightness."""
        self.middle = torch.median(brightness(outputs["images"]))

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return (brightness(outputs["images"]) - self.middle).abs()
