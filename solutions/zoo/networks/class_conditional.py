"""An autoencoder that is told the class it has to draw.

After the conditioned decoder of P. Oza and V. Patel, C2AE: Class Conditioned Auto-Encoder for
Open-set Recognition, CVPR 2019, without its second training on wrong classes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solutions.zoo.networks.small import SmallClassifier
from solutions.zoo.objectives import cross_entropy
from solutions.zoo.outputs import Outputs


class ClassConditional(nn.Module):
    """The small classifier, and an autoencoder whose code is completed by the class.

    Args:
        num_classes: K.
        latent_dim: Numbers in the code.
    """

    def __init__(self, num_classes: int, latent_dim: int = 16) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.classifier = SmallClassifier(num_classes)
        self.encoder = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Linear(256, latent_dim),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim + num_classes, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Linear(256, 784),
            nn.Tanh(),
            nn.Unflatten(1, (1, 28, 28)),
        )

    def reconstruct(self, images: Tensor, labels: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) redrawn as members of these classes, int64 (N,)."""
        one_hot = F.one_hot(labels, self.num_classes).to(images.dtype)  # (N, K)
        reconstruction: Tensor = self.decoder(torch.cat([self.encoder(images), one_hot], dim=1))
        return reconstruction

    def forward(self, images: Tensor) -> Outputs:
        """Outputs of the classifier, and "reconstruction" as a member of its likeliest class."""
        outputs: Outputs = self.classifier(images)
        reconstruction = self.reconstruct(images, outputs["logits"].argmax(dim=1))
        return {**outputs, "reconstruction": reconstruction}


def conditioned_loss(
    network: nn.Module, images: Tensor, labels: Tensor, generator: torch.Generator
) -> Tensor:
    """Cross-entropy of the classifier + mean squared error of images redrawn as what they are."""
    assert isinstance(network, ClassConditional)
    reconstruction = network.reconstruct(images, labels)
    loss: Tensor = F.mse_loss(reconstruction, images)
    return loss + cross_entropy(network.classifier, images, labels, generator)
