"""A model that remembers test images is flagged; an honest one is not."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import datasets
from datasets.errors import DataError
from grader.errors import TimedOut
from grader.limits import Limits
from grader.memorisation import MOST_DIGITS, compare_with_public
from grader.record import Memorisation

LIMITS = Limits(cpu_s=1.0, wall_s=1.0, memory_mb=100, processes=1)


class Answering:
    """Stands for a student whose model is right on a share of the public digits."""

    def __init__(self, share: float = 1.0) -> None:
        self.share = share
        self.asked = np.zeros(0)

    def predict(self, images: np.ndarray, _limits: Limits) -> dict[str, np.ndarray]:
        self.asked = images
        labels = datasets.load_test("digits")[0].labels[: len(images)].copy()
        wrong = round((1 - self.share) * len(labels))
        labels[:wrong] = (labels[:wrong] + 1) % 10
        return {"labels": labels}


def compare(student: Any, hidden: float) -> Memorisation | None:
    return compare_with_public(student, "digits", hidden, 0.05, LIMITS)


def test_gap_above_the_limit_is_flagged() -> None:
    found = compare(Answering(1.0), 0.6)
    assert found is not None
    assert found.gap == pytest.approx(0.4)
    assert found.flag.startswith("known accuracy is 100.00 % on the public test digits and 60.00 %")


def test_knowing_hidden_digits_better_is_flagged_too() -> None:
    found = compare(Answering(0.4), 0.99)
    assert found is not None
    assert found.flag.endswith("has it seen the hidden ones?")


@pytest.mark.parametrize("hidden", [0.951, 0.97, 1.0])
def test_small_gap_or_none_is_no_flag(hidden: float) -> None:
    found = compare(Answering(0.99), hidden)
    assert found is not None
    assert found.flag == ""


def test_digits_asked_about_are_the_public_ones_as_they_are() -> None:
    student = Answering()
    compare(student, 1.0)
    assert np.array_equal(student.asked, datasets.load_test("digits")[0].images)


def test_of_many_digits_some_from_everywhere_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = datasets.load_test("digits")[0]
    many = dataclasses.replace(
        digits,
        images=np.repeat(digits.images[:100], 100, axis=0),
        labels=np.repeat(digits.labels[:100], 100),
    )
    monkeypatch.setattr(datasets, "load_test", lambda _: (many, ()))
    student = Answering()
    compare(student, 1.0)
    assert len(student.asked) == MOST_DIGITS
    assert np.array_equal(student.asked[::20], digits.images[:100])


def test_no_public_digits_here_is_no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise DataError("no MNIST here")

    monkeypatch.setattr(datasets, "load_test", missing)
    assert compare(Answering(), 0.5) is None


def test_model_that_fails_is_not_compared() -> None:
    class Failing:
        def predict(self, _images: np.ndarray, _limits: Limits) -> dict[str, np.ndarray]:
            raise TimedOut("too slow")

    assert compare(Failing(), 0.5) is None
