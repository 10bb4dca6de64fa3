"""Necks: features of a backbone (N, width) -> the embedding (N, D) that distances are taken on.

Each is called with the width of what comes in; its attribute `width` is that of what goes out.
"""

from __future__ import annotations

from torch import nn


class Identity(nn.Identity):
    """The features as they are."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.width = features


class LinearNorm(nn.Sequential):
    """One linear layer and batch norm.

    Args:
        features: Width of what comes in.
        width: Of the embedding.
    """

    def __init__(self, features: int, width: int = 64) -> None:
        # The norm has a bias of its own.
        super().__init__(nn.Linear(features, width, bias=False), nn.BatchNorm1d(width))
        self.width = width


class Mlp(nn.Sequential):
    """Two linear layers with batch norm and ReLU between them.

    Args:
        features: Width of what comes in.
        hidden: Width between the layers.
        width: Of the embedding.
    """

    def __init__(self, features: int, hidden: int = 128, width: int = 64) -> None:
        super().__init__(
            nn.Linear(features, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, width),
        )
        self.width = width
