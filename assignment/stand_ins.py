"""Simple things that stand where your tasks will be. Given, not graded.

With them each part of the walkthrough works by itself: the threshold can be tried before there is
an autoencoder, the evaluation before there is a model. None of them is a neural network of torch's,
and none is good enough to hand in.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

if TYPE_CHECKING:
    from datasets import ImageSet

MOST = 5000  # digits to learn from: MNIST's 55,000 would take a minute
UNKNOWN = 10
SIDE = 28


class PlainClassifier(nn.Module):
    """A classifier as everybody's first one is: softmax over ten digits, and nothing else.

    Args:
        digits: what it learns, as the data hands them out.
        epochs: how often it sees each.
        sure_enough: `predict` calls unknown what it is less sure of than this.
    """

    def __init__(self, digits: ImageSet, epochs: int = 40, sure_enough: float = 0.9) -> None:
        super().__init__()
        self.sure_enough = sure_enough
        self._network = MLPClassifier((100,), batch_size=50, max_iter=epochs, random_state=0)
        # Threads that wait for each other cost more than so small a network gains by them.
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is told when to stop
            self._network.fit(_flat(digits.images[:MOST]), digits.labels[:MOST])

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.floating]:
        """What softmax says: float (N, 10), each row sums to 1.

        Args:
            images: uint8 (N, 28, 28), 0 is background.
        """
        with threadpool_limits(1):
            found: NDArray[np.floating] = self._network.predict_proba(_flat(images))
        return found

    def predict(self, images: Tensor) -> Tensor:
        """Name the digit, or 10 where the largest probability is too small.

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1].

        Returns:
            Labels 0-10, int64 (N,).
        """
        grey = ((images.cpu().numpy()[:, 0] + 1) * 127.5).round().astype(np.uint8)
        probabilities = self.probabilities(grey)  # (N, 10)
        said = probabilities.argmax(axis=1)
        said[probabilities.max(axis=1) < self.sure_enough] = UNKNOWN
        return torch.from_numpy(said.astype(np.int64)).to(images.device)


class LinearRedrawer:
    """Redraws an image from 32 numbers, by principal components: the best that lines can do.

    Args:
        digits: what it learns to draw.
        latent_dim: how many numbers it may keep of an image.
    """

    def __init__(self, digits: ImageSet, latent_dim: int = 32) -> None:
        self._components = PCA(latent_dim, random_state=0)
        with threadpool_limits(1):
            self._components.fit(_flat(digits.images[:MOST]) * 2 - 1)

    def redraw(self, images: Tensor) -> Tensor:
        """Squeeze images and draw them again: float32 (N, 1, 28, 28) in [-1, 1], as they came."""
        with threadpool_limits(1):
            latent = self._components.transform(images.flatten(1).numpy())  # (N, latent_dim)
            drawn = self._components.inverse_transform(latent)  # (N, 784)
        pixels = torch.from_numpy(drawn.astype(np.float32)).clamp(-1, 1)
        return pixels.reshape(-1, 1, SIDE, SIDE)


class Parrot(nn.Module):
    """A model that says what it was told to say, an image at a time, whatever the image shows.

    Args:
        predictions: labels 0-10.
    """

    def __init__(self, predictions: Sequence[int]) -> None:
        super().__init__()
        self._left = list(predictions)

    def predict(self, images: Tensor) -> Tensor:
        """The next labels, one for each image."""
        said, self._left = self._left[: len(images)], self._left[len(images) :]
        return torch.tensor(said, dtype=torch.int64, device=images.device)


def _flat(images: NDArray[np.uint8]) -> NDArray[np.floating]:
    """Grey values (N, 28, 28) as float32 (N, 784) in [0, 1]."""
    return (images.reshape(len(images), -1) / 255).astype(np.float32)
