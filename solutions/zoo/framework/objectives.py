"""The loss of a batch, where a head needs more than the cross-entropy of its logits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assignment.augment import jittered
from solutions.zoo.framework.synthetic import synthetic_unknowns
from solutions.zoo.objectives import LIVELY
from solutions.zoo.outputs import wanted


def against_synthetic_unknowns(
    network: nn.Module, images: Tensor, labels: Tensor, generator: torch.Generator
) -> Tensor:
    """Cross-entropy over K + 1 classes: the batch, and as many synthetic unknowns in class K.

    Every second known image is moved a little, as without unknowns. Both kinds go through the
    network in one batch, so that batch norm cannot tell them apart by their statistics.

    Raises:
        UserError: The network has no unknown logit.
    """
    half = len(images) // 2
    known = torch.cat([images[:half], jittered(images[half:], LIVELY, generator)])
    unknown = synthetic_unknowns(images, labels, generator)
    outputs = network(torch.cat([known, unknown]))
    logits, unknown_logit = wanted(outputs, ("logits", "unknown_logit"), "the K + 1 objective")
    every = torch.cat([logits, unknown_logit[:, None]], dim=1)  # (2 N, K + 1)
    targets = torch.cat([labels, torch.full_like(labels, logits.shape[1])])
    loss: Tensor = F.cross_entropy(every, targets)
    return loss
