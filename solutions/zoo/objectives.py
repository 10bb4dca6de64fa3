"""Losses of a batch that several methods share."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assignment.augment import Jitter, jittered

LIVELY = Jitter(rotation=10, shift=2, scale=0.1, shear=0.1)


def cross_entropy(
    network: nn.Module, images: Tensor, labels: Tensor, generator: torch.Generator
) -> Tensor:
    """Cross-entropy of "logits"; every second image is moved a little."""
    half = len(images) // 2
    mixed = torch.cat([images[:half], jittered(images[half:], LIVELY, generator)])
    loss: Tensor = F.cross_entropy(network(mixed)["logits"], labels)
    return loss
