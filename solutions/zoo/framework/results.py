"""What a run measured, before it is made into metrics and plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Results:
    """Scores of test images, high = more likely unknown, and the threshold they are compared to.

    Attributes:
        labels: (N,), of the known test images, 0 to K - 1.
        predicted: (N,), the class of the highest logit.
        known: (N,), scores of the known test images.
        unknown: (M,) scores of unknown images, by family.
        threshold: Scores strictly above it are unknown.
        known_floor: (N,), scores of the brightness floor, which knows nothing of shapes.
        unknown_floor: (M,) each, the same of unknown images.
    """

    labels: Labels
    predicted: Labels
    known: Scores
    unknown: Mapping[str, Scores]
    threshold: float
    known_floor: Scores
    unknown_floor: Mapping[str, Scores]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything by the names it has in `scores.npz`."""
        return {
            "known_labels": self.labels,
            "known_predicted": self.predicted,
            "known_scores": self.known,
            "known_floor": self.known_floor,
            "threshold": np.array(self.threshold),
            **{f"unknown_{name}": scores for name, scores in self.unknown.items()},
            **{f"unknown_floor_{name}": scores for name, scores in self.unknown_floor.items()},
        }
