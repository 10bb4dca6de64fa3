"""What a run found out about its test images, before it is made into metrics and plots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solutions.zoo.method import UNKNOWN
from solutions.zoo.metrics.checked import Classes, Mask, Scores


@dataclass(frozen=True, eq=False)
class Results:
    """A row a test image, N known and unknown ones.

    Attributes:
        labels: int64 (N,), the truth: 0 to K - 1, or 10 = unknown.
        closed_set: int64 (N,), the class of the highest logit.
        scores: float64 (N,), high = more likely unknown.
        brightness: float64 (N,), scores of the brightness floor, which knows nothing of shapes.
        families: str (N,), the unknown family; "known" of known images.
        embeddings: float32 (N, D).
        threshold: Scores strictly above it are unknown.
        classes: What the classes 0 to K - 1 were called in the data.
    """

    labels: Classes
    closed_set: Classes
    scores: Scores
    brightness: Scores
    families: NDArray[np.str_]
    embeddings: NDArray[np.float32]
    threshold: float
    classes: tuple[int, ...]

    @property
    def known(self) -> Mask:
        """Which images are known, bool (N,)."""
        return np.not_equal(self.labels, UNKNOWN)

    def family(self, name: str) -> Mask:
        """Which images are of an unknown family, bool (N,)."""
        return np.logical_and(~self.known, np.equal(self.families, name))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `scores.npz` holds, by name. Embeddings are left to the checkpoint: they are many.

        "known_labels", "known_predicted" without rejection, "known_scores", "known_brightness",
        "threshold", and of each unknown family "unknown_NAME" and "unknown_brightness_NAME".
        """
        found: dict[str, NDArray[np.generic]] = {
            "known_labels": self.labels[self.known],
            "known_predicted": self.closed_set[self.known],
            "known_scores": self.scores[self.known],
            "known_brightness": self.brightness[self.known],
            "threshold": np.array(self.threshold),
        }
        for name in np.unique(self.families[~self.known]).tolist():
            found[f"unknown_{name}"] = self.scores[self.family(name)]
            found[f"unknown_brightness_{name}"] = self.brightness[self.family(name)]
        return found
