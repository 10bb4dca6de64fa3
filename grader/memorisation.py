"""Remembered test images: is a model better on the public test digits than on moved ones?

The digits of a hidden bundle are test digits, moved a little. A model that has learnt digits hardly
notices; a program that looks the public test images up does. The difference is a flag for the
instructor, not a mark: what to make of it is for a person to say.
"""

from __future__ import annotations

import numpy as np

import datasets
from datasets.errors import DataError

from .errors import Mismatch, StudentFailure
from .limits import Limits
from .record import Memorisation
from .student import Student

MOST_DIGITS = 2000  # as many as a bundle holds at most


def compare_with_public(
    student: Student, data: str, hidden_known_accuracy: float, limit: float, limits: Limits
) -> Memorisation | None:
    """Measure the loaded model on public test digits; None where there are none, or it fails.

    Args:
        student: whose model is loaded.
        data: the profile.
        hidden_known_accuracy: of the same model on a bundle's digits.
        limit: the largest gap that is not flagged.
        limits: of the predictions together.
    """
    try:
        digits = datasets.load_test(data)[0]
    except DataError:  # a bundle brings its digits along; the public ones may not be here
        return None
    every = -(-len(digits) // MOST_DIGITS)  # MNIST's first test digits are not like the others
    images, labels = digits.images[::every], digits.labels[::every]
    try:
        predicted = student.predict(images, limits)["labels"]
    except (StudentFailure, Mismatch):  # the hidden images have cost it its points already
        return None
    return Memorisation(float(np.mean(predicted == labels)), hidden_known_accuracy, limit)
