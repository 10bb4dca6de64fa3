"""OpenMax without its Weibull tails: the distance to the nearest mean activation vector.

Source: A. Bendale and T. Boult, Towards Open Set Deep Networks, CVPR 2016, Algorithm 1, simplified
as in system c: the distance itself is the score.
"""

from __future__ import annotations

import torch
from torch import Tensor

from solutions.errors import UserError
from solutions.zoo.outputs import Outputs


def mean_activation_vectors(embedding: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
    """The mean embedding of each class over the images that were classified correctly.

    Args:
        embedding: (N, D), of training images.
        logits: (N, K).
        labels: int64 (N,).

    Returns:
        (K, D).

    Raises:
        UserError: No image of some class is classified correctly.
    """
    correct = logits.argmax(dim=1) == labels
    means = []
    for label in range(logits.shape[1]):
        members = embedding[correct & (labels == label)]
        if not len(members):
            raise UserError(
                f"class {label} has no correctly classified training image to take a mean over: "
                "train for longer"
            )
        means.append(members.mean(dim=0))
    return torch.stack(means)


def mav_distance(embedding: Tensor, means: Tensor) -> Tensor:
    """Euclidean distance to the nearest mean: (N, D) and (K, D) -> (N,), high = more unknown.

    By differences, not through a matrix product: that would round by the batch it is computed in.
    """
    distances = torch.cdist(embedding, means, compute_mode="donot_use_mm_for_euclid_dist")
    return distances.amin(dim=1)


class MavDistance:
    """The simplified OpenMax score."""

    needs = ("embedding", "logits")
    means: Tensor

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Take the means over correctly classified training images."""
        self.means = mean_activation_vectors(outputs["embedding"], outputs["logits"], labels)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return mav_distance(outputs["embedding"], self.means)
