"""Small known images for tests: classes that are easy to tell apart, made from a seed."""

from __future__ import annotations

import torch

from solutions.zoo.known import Known


def bars(count: int = 200, classes: int = 4, seed: int = 0) -> Known:
    """Images (count, 1, 28, 28) with a bright bar whose place is the class, and some noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    images = torch.full((count, 1, 28, 28), -1.0)
    for image, label in zip(images, labels.tolist(), strict=True):
        start = 2 + label * (24 // classes)
        image[:, :, start : start + 3] = 1
    images += 0.3 * torch.randn(images.shape, generator=generator)
    return Known(images.clamp(-1, 1), labels)
