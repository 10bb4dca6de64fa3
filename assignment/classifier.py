"""Task 2, `classifier`: which of the ten digits is it, if it is one?

The classifier knows the known classes only. It also hands out its embedding, the features that its
logits are computed from, so that task 3 can pull digits of one class together.

Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE (1998).
"""

from __future__ import annotations

from torch import Tensor, nn


class Classifier(nn.Module):
    """A network from an image to logits, by way of an embedding.

    The architecture is yours; convolutions pay. Two things are asked for:

    - the logits are raw: no softmax, no log-softmax, no activation after the last layer, because
      the cross-entropy that trains them applies its own;
    - the logits are computed from the embedding and from nothing else.

    Call `super().__init__()` before you assign the first layer, and build every layer in the
    constructor, so that the optimiser and the weights file see it.

    Args:
        num_classes: how many known classes there are, at least 2.
        embedding_dim: how many numbers the embedding has, at least 1.
    """

    def __init__(self, num_classes: int = 10, embedding_dim: int = 64) -> None:
        raise NotImplementedError(
            "task 2, classifier: build the layers up to the embedding and the last layer"
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits and embeddings.

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1], -1 is background.

        Returns:
            `(logits, embedding)`: float32 (N, num_classes), any real numbers, the largest at the
            predicted class; and float32 (N, embedding_dim).
        """
        raise NotImplementedError("task 2, classifier: return the logits and the embedding")
