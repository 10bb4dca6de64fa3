"""Data that takes no time: a bright quarter a class, and unknown images that are all bright."""

from __future__ import annotations

import torch
from torch import nn

from solutions.zoo.framework.data.open_set import OpenSet
from solutions.zoo.known import Known

SIZE = 16


def quarters(images: int = 60, channels: int = 1) -> OpenSet:
    """Three classes, `images` of each to learn from."""
    generator = torch.Generator().manual_seed(2)
    bright = 1 - 0.1 * torch.rand(30, channels, SIZE, SIZE, generator=generator)
    return OpenSet(
        about="quarters",
        known=_known(images, channels, seed=0),
        test=_known(20, channels, seed=1),
        unknowns={"bright": bright},
        classes=(0, 1, 2),
    )


def _known(each: int, channels: int, seed: int) -> Known:
    generator = torch.Generator().manual_seed(seed)
    images = -1 + 0.5 * torch.rand(3 * each, channels, SIZE, SIZE, generator=generator)
    labels = torch.arange(3).repeat(each)
    half = SIZE // 2
    for label, (top, left) in enumerate(((0, 0), (0, half), (half, 0))):
        images[labels == label, :, top : top + half, left : left + half] += 1.2
    return Known(images, labels)


class TooDeep(nn.Sequential):
    """A backbone whose kernel is larger than the images."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__(nn.Conv2d(channels, 4, size + 1), nn.Flatten())
        self.width = 4
