"""Accuracy on known digits and unknown images, from the predicted labels alone."""

from __future__ import annotations

from grader.outcome import Outcome
from grader.plugin import Award


def test_known(outcome: Outcome, award: Award) -> None:
    """Known digits get their own label"""
    metrics = outcome.metrics
    award(
        outcome.fraction("known", metrics.known_accuracy, metrics.unknown_accuracy),
        outcome.describe("known", "the known digits recognised", metrics.known_accuracy),
    )


def test_unknown(outcome: Outcome, award: Award) -> None:
    """Unknown images are rejected"""
    metrics = outcome.metrics
    award(
        outcome.fraction("unknown", metrics.unknown_accuracy, metrics.known_accuracy),
        outcome.describe("unknown", "the unknown images rejected", metrics.unknown_accuracy),
    )


def test_worst_family(outcome: Outcome, award: Award) -> None:
    """No family of unknown images is missed"""
    accuracy = outcome.worst_family_accuracy
    award(
        outcome.fraction("worst_family", accuracy, outcome.metrics.known_accuracy),
        outcome.describe(
            "worst_family",
            f"the images of {outcome.worst_family}, the hardest family, rejected",
            accuracy,
        ),
    )
