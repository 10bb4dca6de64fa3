"""Simplified OpenMax: the distance to a mean activation vector, with no Weibull law.

Source: the OpenMax head of system c; the nearest class mean of T. Mensink et al., Distance-Based
Image Classification, TPAMI 2013, with classes' means taken over correctly classified images.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.mean_activation import (
    Metric,
    correctly_classified,
    distances_to,
    features_of,
    mean_activation_vectors,
)


@dataclass
class MavDistance:
    """The distance to the nearest class's mean activation vector.

    Attributes:
        features: Outputs that distances are taken on, side by side.
        metric: Which distance.
    """

    features: tuple[str, ...] = ("embedding",)
    metric: Metric = "euclidean"
    _vectors: Tensor = field(default_factory=lambda: torch.empty(0), init=False, repr=False)

    @property
    def needs(self) -> tuple[str, ...]:
        """Logits, and the features."""
        return tuple(dict.fromkeys(("logits", *self.features)))

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Average the features of correctly classified images, class by class.

        Raises:
            UserError: A class has no such image.
        """
        logits = outputs["logits"]
        right = correctly_classified(logits, labels)
        features = features_of(outputs, self.features, "a mean activation vector")
        self._vectors = mean_activation_vectors(features[right], labels[right], logits.shape[1])

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64."""
        features = features_of(outputs, self.features, "a mean activation vector")
        distances = distances_to(features, self._vectors, self.metric)
        return distances.amin(dim=1)
