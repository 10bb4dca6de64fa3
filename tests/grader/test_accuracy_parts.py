"""Trial, metrics and ramps: from images and predictions to points, without a worker."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from datasets import UNKNOWN, ImageSet
from grader.channel import Limits
from grader.errors import Mismatch
from grader.metrics import auroc, measure
from grader.outcome import Outcome, judge
from grader.rubric import load_rubric
from grader.trial import Trial, build_trial

LIMITS = Limits(cpu_s=1.0, wall_s=1.0, memory_mb=100, processes=1)
RAMPS = load_rubric().ramps["digits"]


def image_set(first: int, count: int, family: str, label: int, graded: bool = True) -> ImageSet:
    """Images whose first pixels spell their number."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(first, first + count)
    labels = np.full(count, label, np.int64)
    if label != UNKNOWN:
        labels = np.arange(count, dtype=np.int64) % 10
    return ImageSet(images=images, labels=labels, name=family, family=family, graded=graded)


@pytest.fixture
def trial() -> Trial:
    return build_trial(
        image_set(0, 40, "digits", 0),
        (
            image_set(40, 30, "letters", UNKNOWN),
            image_set(70, 20, "noise", UNKNOWN),
            image_set(90, 10, "look-alikes", UNKNOWN, graded=False),
        ),
    )


class TestTrial:
    """Shuffled together, and still the same images."""

    def test_shuffle_keeps_what_belongs_together(self, trial: Trial) -> None:
        number = trial.images[:, 0, 0]
        assert sorted(number) == list(range(100))
        for n, label, family, graded in zip(
            number, trial.labels, trial.families, trial.graded, strict=True
        ):
            if n < 40:
                assert (label, family, graded) == (n % 10, "digits", True)
            else:
                expected = "letters" if n < 70 else "noise" if n < 90 else "look-alikes"
                assert (label, family, graded) == (UNKNOWN, expected, n < 90)

    def test_order_says_nothing_about_labels(self, trial: Trial) -> None:
        is_known = trial.labels != UNKNOWN
        changes = int((is_known[1:] != is_known[:-1]).sum())
        assert changes > 20, "known and unknown images lie in blocks"

    def test_labels_decide_the_order(self) -> None:
        known, unknown = image_set(0, 40, "digits", 0), image_set(40, 60, "noise", UNKNOWN)
        relabelled = dataclasses.replace(known, labels=(known.labels + 1) % 10)
        orders = [build_trial(k, (unknown,)).images[:, 0, 0] for k in (known, known, relabelled)]
        assert (orders[0] == orders[1]).all()
        assert (orders[0] != orders[2]).any()

    def test_families(self, trial: Trial) -> None:
        assert trial.unknown_families == ("letters", "noise", "look-alikes")
        assert trial.graded_families == ("letters", "noise")


class TestAuroc:
    """Against the definition and against scikit-learn."""

    @given(
        st.lists(st.integers(0, 6), min_size=1, max_size=20),
        st.lists(st.integers(0, 6), min_size=1, max_size=20),
    )
    def test_is_the_share_of_pairs_in_order(self, known: list[int], unknown: list[int]) -> None:
        pairs = list(itertools.product(known, unknown))
        expected = sum((u > k) + 0.5 * (u == k) for k, u in pairs) / len(pairs)
        actual = auroc(np.array(known, float), np.array(unknown, float))
        assert actual == pytest.approx(expected)
        truth = [0] * len(known) + [1] * len(unknown)
        assert actual == pytest.approx(roc_auc_score(truth, known + unknown))

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    def test_scores_that_are_no_numbers_have_none(self, bad: float) -> None:
        assert auroc(np.array([0.0, bad]), np.array([1.0])) is None
        assert auroc(np.array([0.0]), np.array([bad])) is None


def loop_metrics(trial: Trial, labels: np.ndarray, closed: np.ndarray) -> dict[str, Any]:
    """The same by counting one image at a time."""
    count: dict[str, list[bool]] = {}
    for truth, family, graded, label, digit in zip(
        trial.labels, trial.families, trial.graded, labels, closed, strict=True
    ):
        if truth == UNKNOWN:
            count.setdefault(f"family {family}", []).append(label == UNKNOWN)
        else:
            count.setdefault("closed", []).append(digit == truth)
        if graded:
            part = "unknown" if truth == UNKNOWN else "known"
            count.setdefault(part, []).append(label == truth)
            count.setdefault("total", []).append(label == truth)
    return {name: sum(values) / len(values) for name, values in count.items()}


@given(st.integers(0, 2**32 - 1))
def test_metrics_are_the_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trial = build_trial(
        image_set(0, 30, "digits", 0),
        (image_set(30, 9, "a", UNKNOWN), image_set(39, 7, "b", UNKNOWN, graded=False)),
    )
    labels, closed = rng.integers(0, 11, 46), rng.integers(0, 10, 46)
    metrics = measure(trial, labels, closed, rng.random(46))
    expected = loop_metrics(trial, labels, closed)
    assert metrics.known_accuracy == pytest.approx(expected["known"])
    assert metrics.unknown_accuracy == pytest.approx(expected["unknown"])
    assert metrics.total_accuracy == pytest.approx(expected["total"])
    assert metrics.closed_set_accuracy == pytest.approx(expected["closed"])
    assert metrics.per_family == pytest.approx({"a": expected["family a"],
                                                "b": expected["family b"]})  # fmt: skip


def test_ungraded_families_change_no_mark(trial: Trial) -> None:
    labels, scores = trial.labels.copy(), np.where(trial.labels == UNKNOWN, 1.0, 0.0)
    right = measure(trial, labels, np.minimum(trial.labels, 9), scores)
    ungraded = ~trial.graded
    labels[ungraded], scores[ungraded] = 3, -5.0
    wrong = measure(trial, labels, np.minimum(trial.labels, 9), scores)
    assert wrong.per_family["look-alikes"] == 0
    assert dataclasses.replace(wrong, per_family={}) == dataclasses.replace(right, per_family={})
    outcome = Outcome(wrong, trial.graded_families, RAMPS)
    assert outcome.worst_family != "look-alikes"


class Predicting:
    """Stands for a student whose model gives these predictions."""

    def __init__(self, **made: np.ndarray) -> None:
        self._made = made

    def predict(self, images: np.ndarray, limits: Limits) -> dict[str, np.ndarray]:
        return {name: values[: len(images)] for name, values in self._made.items()}


def judged(trial: Trial, labels: np.ndarray, **others: np.ndarray) -> Outcome:
    made = {"labels": labels, "closed_set": np.minimum(labels, 9), "scores": labels.astype(float)}
    return judge(Predicting(**{**made, **others}), trial, RAMPS, LIMITS)  # type: ignore[arg-type]


def points(outcome: Outcome) -> dict[str, float]:
    """The share of each part's points, as the checks give it."""
    known, unknown = outcome.metrics.known_accuracy, outcome.metrics.unknown_accuracy
    return {
        "known": outcome.fraction("known", known, unknown),
        "unknown": outcome.fraction("unknown", unknown, known),
        "worst_family": outcome.fraction("worst_family", outcome.worst_family_accuracy, known),
    }


class TestOutcome:
    """Predictions to points."""

    def test_perfect(self, trial: Trial) -> None:
        outcome = judged(trial, trial.labels)
        assert set(points(outcome).values()) == {1.0}
        assert outcome.metrics.auroc == 1

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("trick", ["all unknown", "all one digit", "no rejection", "chance"])
    def test_tricks_earn_nothing_in_any_part(self, trial: Trial, trick: str, seed: int) -> None:
        rng = np.random.default_rng(seed)
        labels = {
            "all unknown": np.full(100, UNKNOWN),
            "all one digit": np.full(100, 3),
            "no rejection": np.where(trial.labels == UNKNOWN, 7, trial.labels),
            "chance": rng.integers(0, 11, 100),
        }[trick]
        assert set(points(judged(trial, labels)).values()) == {0.0}

    def test_rejecting_at_random_earns_nothing(self, trial: Trial) -> None:
        """Right digits, and a coin of any weight for the rejection."""
        for share in np.linspace(0, 1, 21):
            rng = np.random.default_rng(0)
            rejected = rng.random(100) < share
            digits = np.where(trial.labels == UNKNOWN, 1, trial.labels)
            earned = points(judged(trial, np.where(rejected, UNKNOWN, digits)))
            assert set(earned.values()) == {0.0}, f"share {share:.2f} earns {earned}"

    def test_worst_family_is_the_graded_one_with_least_rejected(self, trial: Trial) -> None:
        labels = np.where(trial.families == "noise", 0, trial.labels)
        outcome = judged(trial, labels)
        assert outcome.worst_family == "noise"
        assert outcome.worst_family_accuracy == 0

    @pytest.mark.parametrize(
        ("name", "values", "words"),
        [
            ("labels", np.full(100, 11), "from 0 to 10"),
            ("labels", np.full(100, -1), "from 0 to 10"),
            ("closed_set", np.full(100, 10), "from 0 to 9"),
            ("labels", np.zeros(100, np.float32), "float32"),
        ],
    )
    def test_predictions_that_are_no_labels(
        self, trial: Trial, name: str, values: np.ndarray, words: str
    ) -> None:
        with pytest.raises(Mismatch, match=words):
            judged(trial, **{"labels": trial.labels, name: values})

    def test_scores_that_are_nan_cost_no_points(self, trial: Trial) -> None:
        outcome = judged(trial, trial.labels, scores=np.full(100, np.nan))
        assert outcome.metrics.auroc is None
        assert set(points(outcome).values()) == {1.0}

    def test_description_names_accuracy_and_target(self, trial: Trial) -> None:
        text = judged(trial, trial.labels).describe("known", "the digits", 0.5)
        assert text.startswith("50.00 % of the digits")
        assert "93 %" in text
        assert "80 %" in text
