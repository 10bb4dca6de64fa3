"""Backbone, neck and head as one network."""

from __future__ import annotations

from torch import Tensor, nn

from solutions.zoo.outputs import Outputs


class Assembled(nn.Module):
    """A backbone, a neck and a head, one after the other.

    Args:
        backbone: (N, C, H, W) -> (N, F).
        neck: (N, F) -> (N, D).
        head: (N, D) -> outputs, "logits" among them.
    """

    def __init__(self, backbone: nn.Module, neck: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.neck = neck
        self.head = head

    def forward(self, images: Tensor) -> Outputs:
        """The head's outputs, and "embedding" (N, D)."""
        embedding = self.neck(self.backbone(images))
        return {**self.head(embedding), "embedding": embedding}
