"""The plain, "dumber" autoencoder of attempt 5 and the final model (Figure 24).

Two convolutions with max-pooling, a small code, no skip connections: too little to redraw anything
that it was not trained on.
"""

from __future__ import annotations

from torch import Tensor, nn

from solutions.zoo.networks.attempts.size import require_digit_size
from solutions.zoo.outputs import Outputs

FLAT = 4 * 7 * 7


class PlainAutoencoder(nn.Module):
    """Encoder to `code_size` numbers, decoder from those alone.

    Args:
        code_size: D.
    """

    def __init__(self, code_size: int = 32) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 16, 14, 14)
            nn.Conv2d(16, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 4, 7, 7)
            nn.Flatten(),
            nn.BatchNorm1d(FLAT),
            nn.Linear(FLAT, code_size),
            nn.LeakyReLU(0.2),
        )
        self.decoder = nn.Sequential(
            nn.Linear(code_size, FLAT),
            nn.BatchNorm1d(FLAT),
            nn.Unflatten(1, (4, 7, 7)),
            nn.ConvTranspose2d(4, 16, 2, stride=2),  # (N, 16, 14, 14)
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 2, stride=2),  # (N, 1, 28, 28)
            nn.Tanh(),
        )

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "reconstruction" (N, 1, 28, 28) in [-1, 1] and "code" (N, D)."""
        require_digit_size(images)
        code = self.encoder(images)
        return {"reconstruction": self.decoder(code), "code": code}
