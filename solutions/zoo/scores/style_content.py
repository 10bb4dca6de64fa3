"""System a's earlier thresholds: style of the image, content of the code.

Source: system a; the losses are those of L. Gatys, A. Ecker and M. Bethge, Image Style Transfer
Using Convolutional Neural Networks, CVPR 2016, eq. 1 (content) and 3 to 4 (style).
"""

from __future__ import annotations

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.larger_of import Standard, larger_of, standard_of


def gram(images: Tensor) -> Tensor:
    """Which rows of pixels go together: (N, C, H, W) -> (N, C·H, C·H).

    Feature maps are what a Gram matrix correlates. A grey image is a single map, whose matrix would
    be one number, its energy; so that a pattern is left to compare, each row of pixels is a map.
    """
    rows = images.flatten(1, 2)  # (N, C·H, W)
    return rows @ rows.transpose(1, 2) / (rows.shape[1] * rows.shape[2])


def style_loss(images: Tensor, reconstruction: Tensor) -> Tensor:
    """Mean squared difference of Gram matrices: two (N, C, H, W) -> (N,)."""
    return (gram(images) - gram(reconstruction)).square().mean(dim=(1, 2))


def content_loss(code: Tensor, reconstruction_code: Tensor) -> Tensor:
    """Mean squared difference of the codes of image and reconstruction: two (N, D) -> (N,)."""
    return (code - reconstruction_code).square().mean(dim=1)


class StyleContent:
    """The larger of both losses, each standardised by training images."""

    needs = ("images", "reconstruction", "embedding", "reconstruction_code")
    standard: Standard

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Remember mean and deviation of both losses."""
        self.standard = standard_of(_measures(outputs))

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64: above 2 where a loss exceeds its mean + 2 std."""
        return larger_of(_measures(outputs), self.standard)


def _measures(outputs: Outputs) -> Tensor:
    style = style_loss(outputs["images"].double(), outputs["reconstruction"].double())
    content = content_loss(outputs["embedding"].double(), outputs["reconstruction_code"].double())
    return torch.stack([style, content], dim=1)  # (N, 2)
