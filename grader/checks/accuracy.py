"""Accuracy on known digits and unknown images, from the predicted labels alone."""

from __future__ import annotations

from grader.outcome import Outcome
from grader.plugin import Award


def test_known(outcome: Outcome, award: Award) -> None:
    """Known digits get their own label"""
    award(*outcome.judge("known"))


def test_unknown(outcome: Outcome, award: Award) -> None:
    """Unknown images are rejected"""
    award(*outcome.judge("unknown"))


def test_worst_family(outcome: Outcome, award: Award) -> None:
    """No family of unknown images is missed"""
    award(*outcome.judge("worst_family"))
