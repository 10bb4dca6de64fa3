"""The convolutional autoencoder of attempts 1 to 4, with or without skip connections.

Without them the decoder draws from the code alone (Figures 1 and 12). With them it also sees the
feature maps of the first two convolutions (Figure 14), so that it can redraw far more than it was
trained on. Without skip connections the report keeps the wider layers and feeds them zeros, which
is the same function with weights that do nothing; here those weights are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from solutions.zoo.networks.attempts.size import require_digit_size
from solutions.zoo.outputs import Outputs

WIDE, NARROW = 7, 14  # channels of the 28 x 28 and of the 14 x 14 feature maps
FLAT = NARROW * 14 * 14
HIDDEN = 512


class Features(NamedTuple):
    """What the encoder made of images, layer by layer."""

    first: Tensor  # (N, 7, 28, 28)
    second: Tensor  # (N, 14, 14, 14)
    third: Tensor  # (N, 14, 14, 14)
    code: Tensor  # (N, D)


class Encoder(nn.Module):
    """Three convolutions and two linear layers to a code; SiLU between.

    Args:
        code_size: D.
    """

    def __init__(self, code_size: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, WIDE, 5, padding=2), nn.SiLU())
        self.second = nn.Sequential(nn.Conv2d(WIDE, NARROW, 7, stride=2, padding=3), nn.SiLU())
        self.third = nn.Sequential(nn.Conv2d(NARROW, NARROW, 5, padding=2), nn.SiLU())
        self.code = nn.Sequential(
            nn.Flatten(), nn.Linear(FLAT, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, code_size)
        )

    def forward(self, images: Tensor) -> Features:
        """Encode images (N, 1, 28, 28)."""
        first = self.first(images)
        second = self.second(first)
        third = self.third(second)
        return Features(first, second, third, self.code(third))


class Decoder(nn.Module):
    """Two linear layers and two transposed convolutions, back to an image in [-1, 1].

    Args:
        code_size: D.
        skips: Whether each transposed convolution also sees the encoder's map of its size.
    """

    def __init__(self, code_size: int, skips: bool) -> None:
        super().__init__()
        self.skips = skips
        times = 2 if skips else 1
        self.spread = nn.Sequential(
            nn.Linear(code_size, HIDDEN),
            nn.SiLU(),
            nn.Linear(HIDDEN, FLAT),
            nn.Unflatten(1, (NARROW, 14, 14)),
        )
        self.enlarge = nn.Sequential(
            nn.ConvTranspose2d(times * NARROW, WIDE, 3, stride=2, padding=1, output_padding=1),
            nn.SiLU(),
        )
        self.draw = nn.Sequential(nn.ConvTranspose2d(times * WIDE, 1, 3, padding=1), nn.Tanh())

    def forward(self, features: Features) -> Tensor:
        """Draw (N, 1, 28, 28) from the code and, with skip connections, the first two maps."""
        small = self.spread(features.code)  # (N, 14, 14, 14)
        large = self.enlarge(self._beside(small, features.second))  # (N, 7, 28, 28)
        drawn: Tensor = self.draw(self._beside(large, features.first))
        return drawn

    def _beside(self, maps: Tensor, skipped: Tensor) -> Tensor:
        return torch.cat([maps, skipped], dim=1) if self.skips else maps


class ConvAutoencoder(nn.Module):
    """Encoder and decoder.

    Args:
        code_size: D, how many numbers an image is squeezed into.
        skips: Whether the decoder has skip connections.
    """

    def __init__(self, code_size: int, skips: bool = False) -> None:
        super().__init__()
        self.encoder = Encoder(code_size)
        self.decoder = Decoder(code_size, skips)

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "reconstruction" (N, 1, 28, 28) in [-1, 1] and "code" (N, D)."""
        require_digit_size(images)
        features = self.encoder(images)
        return {"reconstruction": self.decoder(features), "code": features.code}
