"""Deep hierarchical reconstruction: each stage of a classifier is rebuilt from a few numbers.

Stage l gives a feature map f_l. A bottleneck squeezes it to 32 channels, z_l, another convolution
brings it back, and a decoder adds what comes back to what it decodes from the stage above, down to
the image. The classifier is not disturbed, and z_l keeps what reconstruction needs and
classification drops.

Source: R. Yoshihashi et al., Classification-Reconstruction Learning for Open-Set Recognition, CVPR
2019, section 3.2 and figure 3; layer sizes of the larger network as in public ports for MNIST.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from solutions.zoo.outputs import Outputs

LATENT = 32  # numbers a stage


class DhrNet(nn.Module):
    """A classifier of three stages with a bottleneck at each; for 28 x 28 grey images.

    Args:
        num_classes: K.
        stages: Three modules: images (N, 1, 28, 28) to maps of sides 14, 7 and 3.
        widths: Channels of the three maps.
        hidden: Width of the linear layer before the classifier.
    """

    def __init__(
        self, num_classes: int, stages: Sequence[nn.Module], widths: Sequence[int], hidden: int
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.squeeze = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, LATENT, 1), nn.ReLU()) for width in widths
        )
        self.restore = nn.ModuleList(nn.Conv2d(LATENT, width, 1) for width in widths)
        below = (1, *widths[:-1])
        self.decode = nn.ModuleList(  # sides 14 -> 28, 7 -> 14, 3 -> 7
            _doubled(width, to, missing)
            for width, to, missing in zip(widths, below, (0, 0, 1), strict=True)
        )
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(widths[-1] * 9, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, num_classes)

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "logits" (N, K), "reconstruction", the latents and an embedding.

        "z1", "z2" and "z3" (N, 32) are the latents, of each map its maximum; "latents" (N, 96) all
        three; "embedding" (N, K + 96) logits and latents, CROSR's own feature.
        """
        feature, latents, restored = images, [], []
        for stage, squeeze, restore in zip(self.stages, self.squeeze, self.restore, strict=True):
            feature = stage(feature)  # (N, width, side, side)
            latent = squeeze(feature)  # (N, 32, side, side)
            latents.append(latent.amax(dim=(2, 3)))  # (N, 32)
            restored.append(restore(latent))  # (N, width, side, side)
        logits = self.head(self.hidden(feature))
        joined = torch.cat(latents, dim=1)  # (N, 96)
        return {
            "logits": logits,
            "z1": latents[0],
            "z2": latents[1],
            "z3": latents[2],
            "latents": joined,
            "embedding": torch.cat([logits, joined], dim=1),
            "reconstruction": self._decoded(restored),
        }

    def _decoded(self, restored: list[Tensor]) -> Tensor:
        """From the top stage down, each stage's own map added on the way: (N, 1, 28, 28)."""
        first, second, third = self.decode
        upper: Tensor = torch.relu(third(restored[2]))  # (N, width, 7, 7)
        upper = torch.relu(second(restored[1] + upper))  # (N, width, 14, 14)
        image: Tensor = first(restored[0] + upper)
        return image


def small_dhr(num_classes: int) -> DhrNet:
    """A network that two processor cores train in a minute: strides for pooling, batch norm."""
    widths = (24, 48, 64)
    stages = [
        _strided(1, 24, kernel=5, padding=2),  # (N, 24, 14, 14)
        _strided(24, 48, kernel=3, padding=1),  # (N, 48, 7, 7)
        _strided(48, 64, kernel=3, padding=0),  # (N, 64, 3, 3)
    ]
    return DhrNet(num_classes, stages, widths, hidden=128)


def large_dhr(num_classes: int) -> DhrNet:
    """The network of the ports: five convolutions of 100 channels, pooling, dropout."""
    widths = (100, 100, 100)
    stages = [
        _pooled(1, 100, convolutions=2),  # (N, 100, 14, 14)
        _pooled(100, 100, convolutions=2),  # (N, 100, 7, 7)
        _pooled(100, 100, convolutions=1),  # (N, 100, 3, 3)
    ]
    return DhrNet(num_classes, stages, widths, hidden=500)


def _doubled(width: int, to: int, missing: int) -> nn.Module:
    """A transposed convolution of 2 x 2, stride 2, with `missing` empty rows and columns added.

    Written as a product for each pixel and a shuffle: the same map, and a training step takes a
    quarter less time.
    """
    layers: list[nn.Module] = [nn.Conv2d(width, 4 * to, 1), nn.PixelShuffle(2)]
    return nn.Sequential(*layers, *([nn.ZeroPad2d((0, missing, 0, missing))] if missing else []))


def _strided(channels: int, width: int, kernel: int, padding: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, width, kernel, stride=2, padding=padding),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )


def _pooled(channels: int, width: int, convolutions: int) -> nn.Module:
    layers: list[nn.Module] = []
    for number in range(convolutions):
        layers += [nn.Conv2d(width if number else channels, width, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2), nn.Dropout(0.25))
