"""A small convolutional network with K + 1 logits: the known classes, and one for the unknown.

Source: L. Neal et al., "Open Set Learning with Counterfactual Images", ECCV (2018), for a class
of synthesised unknowns beside the known ones.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F


class Features(NamedTuple):
    """What the network makes of a batch.

    Attributes:
        logits: (N, K + 1), the last one the unknown's.
        embedding: (N, E), which the logits are computed from.
        coarse: (N, C, 7, 7), the last feature map.
        fine: (N, D, 14, 14), an earlier one.
    """

    logits: Tensor
    embedding: Tensor
    coarse: Tensor
    fine: Tensor


class Residual(nn.Module):
    """relu(x + conv(conv(x))), batch-normalised."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels)
        self.second = _convolution(channels, channels)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return F.relu(maps + self.second(F.relu(self.first(maps))))


class Network(nn.Module):
    """Two residual stages at 14 by 14 and 7 by 7 pixels, an embedding and the logits.

    Args:
        known: K, the number of known classes.
        fine: channels at 14 by 14.
        coarse: channels at 7 by 7.
        embedding: E.
    """

    def __init__(
        self, known: int = 10, fine: int = 32, coarse: int = 64, embedding: int = 128
    ) -> None:
        super().__init__()
        self.stem = _convolution(1, fine, size=5, stride=2)
        self.fine = Residual(fine)
        self.down = _convolution(fine, coarse, stride=2)
        self.coarse = Residual(coarse)
        self.embed = nn.Sequential(
            nn.Linear(coarse * 49, embedding, bias=False), nn.BatchNorm1d(embedding)
        )
        self.head = nn.Linear(embedding, known + 1)

    def forward(self, images: Tensor) -> Features:
        """Features of images, float32 (N, 1, 28, 28) in [-1, 1]."""
        fine = self.fine(F.relu(self.stem(images)))
        coarse = self.coarse(F.relu(self.down(fine)))
        embedding = self.embed(coarse.flatten(1))
        return Features(self.head(F.relu(embedding)), embedding, coarse, fine)


def _convolution(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs)
    )
