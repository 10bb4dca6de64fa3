"""Heads: the embedding (N, D) -> named outputs, "logits" (N, K) among them."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from solutions.errors import UserError
from solutions.zoo.outputs import Outputs


class Linear(nn.Module):
    """One linear layer.

    Args:
        width: D.
        num_classes: K.
    """

    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, num_classes)

    def forward(self, embedding: Tensor) -> Outputs:
        """Output "logits" (N, K)."""
        return {"logits": self.layer(embedding)}


class Cosine(nn.Module):
    """Cosines between the embedding and one direction a class, times a scale.

    How long an embedding is no longer matters, only where it points.

    Args:
        width: D.
        num_classes: K.
        scale: The highest logit there can be; above 0.

    Raises:
        UserError: The scale is not above 0.
    """

    def __init__(self, width: int, num_classes: int, scale: float = 16.0) -> None:
        super().__init__()
        if scale <= 0:
            raise UserError(f"the scale of a cosine head is above 0, not {scale}")
        self.scale = scale
        self.directions = nn.Linear(width, num_classes, bias=False)

    def forward(self, embedding: Tensor) -> Outputs:
        """Output "logits" (N, K) in [-scale, scale]."""
        directions = F.normalize(self.directions.weight, dim=1)
        return {"logits": self.scale * F.linear(F.normalize(embedding, dim=1), directions)}


class KPlusOne(nn.Module):
    """One linear layer whose last logit stands for everything unknown.

    Args:
        width: D.
        num_classes: K.
    """

    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.layer = nn.Linear(width, num_classes + 1)

    def forward(self, embedding: Tensor) -> Outputs:
        """Outputs "logits" (N, K) and "unknown_logit" (N,)."""
        every = self.layer(embedding)  # (N, K + 1)
        return {"logits": every[:, : self.num_classes], "unknown_logit": every[:, -1]}
