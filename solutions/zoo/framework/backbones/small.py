"""A small convolutional backbone that trains in seconds on one core."""

from __future__ import annotations

from torch import Tensor, nn

from solutions.errors import UserError

LEAST_SIZE = 8  # pixels: three strides of two leave one


class Small(nn.Module):
    """Three convolutions, each halving the image, pooled to 4 x 4.

    Args:
        channels: Of the images.
        size: Their height and width, at least 8.
        widths: Channels after each convolution.

    Attributes:
        width: How many features an image gets.

    Raises:
        UserError: The images are too small, or there are not three widths.
    """

    def __init__(self, channels: int, size: int, widths: tuple[int, ...] = (24, 48, 64)) -> None:
        super().__init__()
        if size < LEAST_SIZE:
            raise UserError(
                f"images of {size} x {size} are too small: at least {LEAST_SIZE} pixels"
            )
        if len(widths) != 3:
            raise UserError(f"the small backbone has three widths, not {len(widths)}")
        first, second, third = widths
        self.width = third * 16
        self.layers = nn.Sequential(
            nn.Conv2d(channels, first, 5, stride=2, padding=2),  # (N, 24, 14, 14) of 28 x 28
            nn.ReLU(),
            nn.Conv2d(first, second, 3, stride=2, padding=1),  # (N, 48, 7, 7)
            nn.BatchNorm2d(second),
            nn.ReLU(),
            nn.Conv2d(second, third, 3, stride=2, padding=1),  # (N, 64, 4, 4)
            nn.BatchNorm2d(third),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(4),  # changes nothing at 28 and 32 pixels
            nn.Flatten(),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W) -> features (N, width)."""
        features: Tensor = self.layers(images)
        return features
