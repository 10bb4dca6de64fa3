"""Accuracies and AUROC from predictions; no torch."""

from __future__ import annotations

import numpy as np

from . import oracles
from .record import Metrics
from .trial import Trial


def measure(
    trial: Trial, labels: np.ndarray, closed_set: np.ndarray, scores: np.ndarray
) -> Metrics:
    """Metrics of predictions on a trial.

    Args:
        trial: the images' true labels and families.
        labels: predicted, (N,) int64 in 0-10.
        closed_set: predicted without rejection, (N,) int64 in 0-9.
        scores: (N,), high = more likely unknown; AUROC is None where one is not finite.
    """
    graded = trial.graded
    is_known = trial.labels != trial.unknown
    known, unknown, total = oracles.evaluation(trial.labels[graded], labels[graded])
    return Metrics(
        known_accuracy=known,
        unknown_accuracy=unknown,
        total_accuracy=total,
        closed_set_accuracy=float((closed_set == trial.labels)[is_known].mean()),
        auroc=auroc(scores[graded & is_known], scores[graded & ~is_known]),
        per_family={
            family: float((labels[trial.families == family] == trial.unknown).mean())
            for family in trial.unknown_families
        },
    )


def auroc(known_scores: np.ndarray, unknown_scores: np.ndarray) -> float | None:
    """Probability that an unknown image scores above a known one, ties counting half."""
    if not (np.isfinite(known_scores).all() and np.isfinite(unknown_scores).all()):
        return None
    known = np.sort(known_scores)
    # For each unknown score how many known ones lie below it, before and after those equal to it.
    below = [np.searchsorted(known, unknown_scores, side) for side in ("left", "right")]
    return float(np.mean(below) / len(known))
