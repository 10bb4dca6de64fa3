"""Which images are shown: a handful of each kind, different digits and families among them."""

from __future__ import annotations

import numpy as np

from ..outcome import Predictions
from ..trial import Trial
from .gallery import Shown

KINDS = ("right", "wrong", "rejected", "passed")
EACH = 6


def part_of(trial: Trial, predictions: Predictions, rows: np.ndarray) -> tuple[Trial, Predictions]:
    """A trial and its predictions, of these rows alone."""
    return (
        Trial(
            trial.images[rows], trial.labels[rows], trial.families[rows], trial.graded[rows],
            trial.unknown_families, trial.graded_families, trial.unknown,
        ),
        Predictions(
            predictions.labels[rows], predictions.closed_set[rows], predictions.scores[rows]
        ),
    )  # fmt: skip


def sample(trial: Trial, known: int, per_family: int) -> np.ndarray:
    """Rows of some of a trial's graded images, which are in no order that tells anything."""
    is_known = trial.labels != trial.unknown
    parts = [np.flatnonzero(trial.graded & is_known)[:known]]
    for family in trial.graded_families:
        parts.append(np.flatnonzero(trial.graded & (trial.families == family))[:per_family])
    return np.sort(np.concatenate(parts))


def handful(
    trial: Trial, predictions: Predictions, each: int = EACH
) -> tuple[np.ndarray, list[Shown]]:
    """Rows of the images to show, kind after kind, and what they are.

    Of each kind the first image of every digit or family is taken, then the second.
    """
    is_known = trial.labels != trial.unknown
    is_right = predictions.labels == trial.labels
    kinds = {
        "right": is_known & is_right,
        "wrong": is_known & ~is_right,
        "rejected": ~is_known & is_right,
        "passed": ~is_known & ~is_right,
    }
    rows: list[int] = []
    shown: list[Shown] = []
    for kind in KINDS:
        for row in varied(np.flatnonzero(kinds[kind]), _groups(trial), each):
            rows.append(row)
            shown.append(
                Shown(
                    kind, int(trial.labels[row]), int(predictions.labels[row]),
                    str(trial.families[row]),
                )
            )  # fmt: skip
    return np.array(rows, np.int64), shown


def balanced(trial: Trial, known: int, unknown: int) -> np.ndarray:
    """Rows of so many known and unknown images, the same share of each digit and each family."""
    is_known = trial.labels != trial.unknown
    groups = _groups(trial)
    chosen = [
        varied(np.flatnonzero(is_known), groups, known),
        varied(np.flatnonzero(~is_known), groups, unknown),
    ]
    return np.array([row for part in chosen for row in part], np.int64)


def varied(rows: np.ndarray, groups: np.ndarray, count: int) -> list[int]:
    """At most `count` of these rows: the first of every group, then the second, and so on."""
    turns: dict[str, int] = {}
    ranked = []
    for row in rows:
        group = str(groups[row])
        turns[group] = turns.get(group, 0) + 1
        ranked.append((turns[group], int(row)))
    return [row for _, row in sorted(ranked)[:count]]


def _groups(trial: Trial) -> np.ndarray:
    """The digit of a known image, the family of an unknown one."""
    is_known = trial.labels != trial.unknown
    return np.where(is_known, trial.labels.astype(str), trial.families)
