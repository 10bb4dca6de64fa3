"""Convolutional classifiers of the image itself: attempt 3's, attempt 4's, the final model's."""

from __future__ import annotations

from torch import Tensor, nn

from solutions.zoo.networks.attempts.size import require_digit_size
from solutions.zoo.networks.attempts.unknown_logit import split_unknown
from solutions.zoo.outputs import Outputs


class EmbeddingClassifier(nn.Module):
    """Layers to an embedding, and layers from there to K + 1 logits.

    Args:
        features: (N, 1, 28, 28) -> (N, D).
        head: (N, D) -> (N, K + 1).
    """

    def __init__(self, features: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.head = head

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "embedding" (N, D), "logits" (N, K), "unknown_logit" (N,)."""
        require_digit_size(images)
        embedding = self.features(images)
        return {"embedding": embedding, **split_unknown(self.head(embedding))}


def two_convolutions(num_classes: int) -> EmbeddingClassifier:
    """The "simple CNN" of attempt 3 (Figure 18) for K classes; embedding of 128."""
    features = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 32, 14, 14)
        nn.Conv2d(32, 64, 3, padding=1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 64, 7, 7)
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 128),
        nn.BatchNorm1d(128),
    )
    return EmbeddingClassifier(features, nn.Linear(128, num_classes + 1))


def four_convolutions(num_classes: int) -> EmbeddingClassifier:
    """The CNN of attempts 4 and 5 (Figure 21) for K classes; embedding of 128."""
    features = nn.Sequential(
        *_convolution(1, 32),
        *_convolution(32, 32),
        nn.MaxPool2d(2),  # (N, 32, 14, 14)
        nn.Dropout(0.25),
        *_convolution(32, 64),
        nn.Dropout(0.25),
        *_convolution(64, 128),
        nn.MaxPool2d(2),  # (N, 128, 7, 7)
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(128 * 7 * 7, 512),
        nn.ReLU(),
        nn.BatchNorm1d(512),
        nn.Dropout(0.5),
        nn.Linear(512, 128),
        nn.BatchNorm1d(128),
    )
    return EmbeddingClassifier(
        features, nn.Sequential(nn.Dropout(0.5), nn.Linear(128, num_classes + 1))
    )


def six_convolutions(num_classes: int) -> EmbeddingClassifier:
    """The classifier of the final model and the baseline for K classes; embedding of 128.

    The report says no more than "six convolutional layers and two linear layers". Unknown, and
    chosen here after Figure 21: the widths (32, 64, 128, each twice), 3 x 3 kernels with ReLU and
    batch norm, pooling and dropout .25 after each pair, and 128 numbers between the linear layers,
    which are the embedding ("one of the latest layers of the classifier").
    """
    features = nn.Sequential(
        *_pair(1, 32),  # (N, 32, 14, 14)
        *_pair(32, 64),  # (N, 64, 7, 7)
        *_pair(64, 128),  # (N, 128, 3, 3)
        nn.Flatten(),
        nn.Linear(128 * 3 * 3, 128),
        nn.BatchNorm1d(128),
    )
    return EmbeddingClassifier(
        features, nn.Sequential(nn.Dropout(0.5), nn.Linear(128, num_classes + 1))
    )


def _convolution(into: int, out: int) -> tuple[nn.Module, ...]:
    """3 x 3, with the activation before the batch norm, as Figure 21 has it."""
    return nn.Conv2d(into, out, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(out)


def _pair(into: int, out: int) -> tuple[nn.Module, ...]:
    """Two convolutions, then half the height and width."""
    return (*_convolution(into, out), *_convolution(out, out), nn.MaxPool2d(2), nn.Dropout(0.25))
