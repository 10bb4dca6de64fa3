"""The images that accuracy is measured on: known and unknown ones, shuffled together.

Only the images leave this process, in an order that says nothing about their labels.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

import datasets


@dataclass(frozen=True)
class Trial:
    """Images with what they really are.

    Attributes:
        images: (N, 28, 28) uint8.
        labels: (N,) int64, 0-9 or `unknown`.
        families: (N,) text, "digits" for known ones.
        graded: (N,) bool, whether the image counts for a mark.
        unknown_families: the families in the order they are reported.
        graded_families: those of them that count.
    """

    images: np.ndarray
    labels: np.ndarray
    families: np.ndarray
    graded: np.ndarray
    unknown_families: tuple[str, ...]
    graded_families: tuple[str, ...]
    unknown: int = datasets.UNKNOWN


def build_trial(known: datasets.ImageSet, unknowns: tuple[datasets.ImageSet, ...]) -> Trial:
    """Shuffle the sets together.

    The order is the same each time, and follows from the images with their labels: whoever cannot
    see the labels of a hidden bundle cannot know it.
    """
    sets = (known, *unknowns)
    digest = hashlib.sha256()
    for part in sets:
        digest.update(part.images.tobytes() + part.labels.tobytes())
    generator = np.random.default_rng(int.from_bytes(digest.digest(), "big"))
    order = generator.permutation(sum(len(part) for part in sets))
    families = tuple(dict.fromkeys(part.family for part in unknowns))
    return Trial(
        images=np.concatenate([part.images for part in sets])[order],
        labels=np.concatenate([part.labels for part in sets])[order],
        families=np.concatenate([np.repeat(part.family, len(part)) for part in sets])[order],
        graded=np.concatenate([np.repeat(part.graded, len(part)) for part in sets])[order],
        unknown_families=families,
        graded_families=tuple(
            family for family in families
            if any(part.graded for part in unknowns if part.family == family)
        ),
    )  # fmt: skip
