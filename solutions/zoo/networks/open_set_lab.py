"""The assignment's own model: the reference classifier beside the reference autoencoder."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assignment.augment import jittered
from assignment.recipe import Recipe, recipe_for
from solutions.reference.autoencoder import Autoencoder
from solutions.reference.classifier import Classifier
from solutions.reference.contrastive import contrastive_loss
from solutions.zoo.outputs import Outputs


class OpenSetLab(nn.Module):
    """Classifier and autoencoder of `solutions/reference`, side by side."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.autoencoder = Autoencoder()
        self.classifier = Classifier(num_classes)

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "logits", "embedding", "reconstruction" and "latent"."""
        logits, embedding = self.classifier(images)
        reconstruction, latent = self.autoencoder(images)
        return {
            "logits": logits,
            "embedding": embedding,
            "reconstruction": reconstruction,
            "latent": latent,
        }


def assignment_loss(
    network: nn.Module, images: Tensor, labels: Tensor, generator: torch.Generator
) -> Tensor:
    """The losses of `assignment/fit.py`, added up.

    Cross-entropy + reconstruction + contrastive / dimension.
    """
    recipe: Recipe = recipe_for("mnist")
    assert isinstance(network, OpenSetLab)
    half = len(images) // 2
    moved = jittered(images[half:], recipe.classifier_jitter, generator)
    drawn = jittered(images, recipe.autoencoder_jitter, generator)
    logits, embedding = network.classifier(torch.cat([images[:half], moved]))
    reconstruction, _ = network.autoencoder(drawn)
    # In float32: distances have no bfloat16 kernel, and small ones would drown in its rounding.
    contrast = contrastive_loss(embedding.float(), labels) / embedding.shape[1]
    loss: Tensor = (
        F.cross_entropy(logits, labels)
        + F.mse_loss(reconstruction, drawn)
        + recipe.contrastive_weight * contrast
    )
    return loss
