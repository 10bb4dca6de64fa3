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


def classify_and_reconstruct(
    network: nn.Module, images: Tensor, labels: Tensor, generator: torch.Generator
) -> Tensor:
    """Cross-entropy of "logits" plus mean squared error of "reconstruction", both weighted 1."""
    outputs = network(images)
    loss: Tensor = F.cross_entropy(outputs["logits"], labels) + F.mse_loss(
        outputs["reconstruction"].float(), images
    )
    return loss


def classify(
    network: nn.Module, images: Tensor, labels: Tensor, generator: torch.Generator
) -> Tensor:
    """Cross-entropy of "logits" on the images as they are."""
    loss: Tensor = F.cross_entropy(network(images)["logits"], labels)
    return loss
