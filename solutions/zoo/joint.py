"""The loss of networks that classify and reconstruct at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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
