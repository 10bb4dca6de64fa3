"""OpenMax: activation is moved from the classes that an image lies far from to an unknown class.

Source: A. Bendale and T. Boult, Towards Open Set Deep Networks, CVPR 2016, algorithms 1 and 2; on
logits and latents of a reconstruction network as in R. Yoshihashi et al., Classification-
Reconstruction Learning for Open-Set Recognition (CROSR), CVPR 2019, section 3.

The paper's algorithm multiplies activations by 1 - w. A negative activation would *grow* by that,
and the unknown class would lose by it, the reverse of what is meant. Here negative activations are
clipped: only the positive part of an activation is moved, a class below zero keeps what it has.
Shifting each image's activations to be positive was the alternative: it hands the unknown class a
share of every class that an image is *not* of, and a plain digit lies far from nine of ten.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from solutions.errors import UserError
from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.log_odds import unknown_log_odds
from solutions.zoo.scores.mean_activation import (
    Metric,
    correctly_classified,
    distances_to,
    features_of,
    mean_activation_vectors,
    require_enough,
    spread_about,
)
from solutions.zoo.scores.weibull import WeibullTail, fit_tail, largest


def rank_weights(logits: Tensor, alpha: int) -> Tensor:
    """ω: (α + 1 - i) / α for an image's i-th highest logit, 0 beyond the α-th.

    Args:
        logits: (N, K).
        alpha: α, how many classes are revised.

    Returns:
        float64 (N, K), in [0, 1].
    """
    # the rank of each class, from 0: the inverse of the order
    ranks = logits.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    return ((alpha - ranks).double() / alpha).clamp_min(0)


def revised(logits: Tensor, weights: Tensor, alpha: int) -> Tensor:
    """The activations of K + 1 classes, the unknown one last.

    v̂_c = v_c - max(v_c, 0) w_c ω_c and v̂_unknown = Σ_c max(v_c, 0) w_c ω_c.

    Args:
        logits: v, (N, K).
        weights: w, (N, K) in [0, 1]: how surely an image lies beyond each class.
        alpha: α, how many classes are revised.

    Returns:
        float64 (N, K + 1).
    """
    logits = logits.double()
    moved = logits.clamp_min(0) * weights * rank_weights(logits, alpha)  # (N, K)
    return torch.cat([logits - moved, moved.sum(dim=1, keepdim=True)], dim=1)


@dataclass
class OpenMax:
    """OpenMax with libMR's tails.

    Attributes:
        features: Outputs that distances are taken on, side by side.
        tail: How many of a class's largest distances its law is fitted to, at least 2.
        alpha: How many of an image's highest logits are revised; at most K are.
        metric: Which distance.
        equal_parts: Divide each output by its spread about the classes' vectors, so that each
            counts as much in a distance. Otherwise the one with the largest numbers decides, and
            logits are several times as large as latents.
    """

    features: tuple[str, ...] = ("logits",)
    tail: int = 20
    alpha: int = 10
    metric: Metric = "euclidean"
    equal_parts: bool = False
    _units: tuple[float, ...] = field(default=(), init=False, repr=False)
    _vectors: Tensor = field(default_factory=lambda: torch.empty(0), init=False, repr=False)
    _tails: tuple[WeibullTail, ...] = field(default=(), init=False, repr=False)

    def __post_init__(self) -> None:
        if self.tail < 2 or self.alpha < 1:
            raise UserError(
                f"OpenMax takes a tail of 2 or more and an alpha of 1 or more, not a tail of "
                f"{self.tail} and an alpha of {self.alpha}"
            )

    @property
    def needs(self) -> tuple[str, ...]:
        """Logits, and the features."""
        return tuple(dict.fromkeys(("logits", *self.features)))

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """A mean activation vector and a tail for each class, of correctly classified images.

        Raises:
            UserError: A class has fewer such images than its tail takes.
        """
        logits = outputs["logits"]
        right = correctly_classified(logits, labels)
        labels, classes = labels[right], logits.shape[1]
        require_enough(labels, classes, self.tail, f"a tail of {self.tail}")
        if self.equal_parts:
            parts = [features_of(outputs, (name,), "OpenMax")[right] for name in self.features]
            self._units = tuple(_spread(part, labels, classes) for part in parts)
        features = self._features(outputs)[right]
        self._vectors = mean_activation_vectors(features, labels, classes)
        distances = distances_to(features, self._vectors, self.metric).numpy()  # (N, K)
        own = [distances[(labels == label).numpy(), label] for label in range(classes)]
        self._tails = tuple(fit_tail(largest(each, self.tail)) for each in own)

    def activations(self, outputs: Outputs) -> Tensor:
        """The revised activations, float64 (N, K + 1), the unknown class last."""
        features = self._features(outputs)
        distances = distances_to(features, self._vectors, self.metric).numpy()  # (N, K)
        weights = np.stack(
            [tail.cdf(distances[:, label]) for label, tail in enumerate(self._tails)], axis=1
        )
        logits = outputs["logits"]
        return revised(logits, torch.from_numpy(weights), min(self.alpha, logits.shape[1]))

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64: the log-odds of the unknown class."""
        return unknown_log_odds(self.activations(outputs))

    def _features(self, outputs: Outputs) -> Tensor:
        return features_of(outputs, self.features, "OpenMax", self._units)


def _spread(part: Tensor, labels: Tensor, classes: int) -> float:
    return spread_about(part, labels, mean_activation_vectors(part, labels, classes))
