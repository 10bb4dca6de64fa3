"""Attempts 1 to 3: the autoencoder's own features are classified, by one of two heads."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.zoo.networks.attempts.autoencoder import (
    FLAT,
    NARROW,
    WIDE,
    ConvAutoencoder,
    Features,
)
from solutions.zoo.networks.attempts.size import require_digit_size
from solutions.zoo.networks.attempts.unknown_logit import split_unknown
from solutions.zoo.outputs import Outputs


class CodeHead(nn.Module):
    """One linear layer on the code (Figure 1).

    The report's layer ends in a log-softmax and is trained with the negative log-likelihood; here
    the logits come out and the loss takes the log-softmax, which is the same loss.

    Args:
        code_size: D.
        num_classes: K; there are K + 1 logits.
    """

    def __init__(self, code_size: int, num_classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(code_size, num_classes + 1)

    def forward(self, features: Features) -> Tensor:
        """Logits (N, K + 1)."""
        logits: Tensor = self.linear(features.code)
        return logits


class SkipHead(nn.Module):
    """The same linear layer behind skip connections from all three convolutions (Figure 15).

    All maps are average-pooled to 14 x 14, the code is repeated at every place, and a "channel
    reduction" (a convolution to 14 channels, an activation, a linear layer) brings the stack back
    to the size of the code. The report gives neither the convolution's kernel nor the activation:
    1 x 1 and SiLU here.

    Args:
        code_size: D.
        num_classes: K; there are K + 1 logits.
        reduced: Channels of the reduction.
    """

    def __init__(self, code_size: int, num_classes: int, reduced: int = 14) -> None:
        super().__init__()
        self.reduction = nn.Sequential(
            nn.Conv2d(code_size + WIDE + 2 * NARROW, reduced, 1),  # (N, 14, 14, 14)
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(reduced * FLAT // NARROW, code_size),
        )
        self.linear = nn.Linear(code_size, num_classes + 1)

    def forward(self, features: Features) -> Tensor:
        """Logits (N, K + 1)."""
        height, width = features.third.shape[2:]
        code = features.code[:, :, None, None].expand(-1, -1, height, width)  # (N, D, 14, 14)
        pooled = F.adaptive_avg_pool2d(features.first, (height, width))  # (N, 7, 14, 14)
        stack = torch.cat([code, pooled, features.second, features.third], dim=1)
        logits: Tensor = self.linear(self.reduction(stack))
        return logits


class CodeClassifier(nn.Module):
    """An autoencoder and a head on its features, which share the encoder.

    Args:
        autoencoder: Whose features are classified.
        head: From features to K + 1 logits.
    """

    def __init__(self, autoencoder: ConvAutoencoder, head: nn.Module) -> None:
        super().__init__()
        self.autoencoder = autoencoder
        self.head = head

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "reconstruction", "code" = "embedding" (N, D), "logits", "unknown_logit"."""
        require_digit_size(images)
        features = self.autoencoder.encoder(images)
        return {
            "reconstruction": self.autoencoder.decoder(features),
            "code": features.code,
            "embedding": features.code,
            **split_unknown(self.head(features)),
        }
