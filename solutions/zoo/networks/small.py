"""The small convolutional classifier that every score without a network of its own shares."""

from __future__ import annotations

from torch import Tensor, nn

from solutions.zoo.outputs import Outputs


class SmallClassifier(nn.Module):
    """Three convolutions, an embedding of 64, a linear classifier; for 28 x 28 images.

    Args:
        num_classes: K.
        channels: Of the images.
    """

    def __init__(self, num_classes: int, channels: int = 1) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 24, 5, stride=2, padding=2),  # (N, 24, 14, 14)
            nn.ReLU(),
            nn.Conv2d(24, 48, 3, stride=2, padding=1),  # (N, 48, 7, 7)
            nn.BatchNorm2d(48),
            nn.ReLU(),
            nn.Conv2d(48, 64, 3, stride=2, padding=1),  # (N, 64, 4, 4)
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(64 * 16, 64),
            nn.BatchNorm1d(64),
        )
        self.head = nn.Linear(64, num_classes)

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "logits" (N, K) and "embedding" (N, 64)."""
        embedding = self.features(images)
        return {"logits": self.head(embedding), "embedding": embedding}
