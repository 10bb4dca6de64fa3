"""Trial, metrics and ramps: from images and predictions to points, without a worker."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from datasets import UNKNOWN, ImageSet
from grader.errors import Crashed, Mismatch, OutOfMemory, Raised
from grader.limits import Limits
from grader.metrics import auroc, measure
from grader.outcome import Outcome, judge
from grader.rubric import load_rubric
from grader.trial import Trial, build_trial

LIMITS = Limits(cpu_s=1.0, wall_s=1.0, memory_mb=100, processes=1)
ALL_RAMPS = load_rubric().ramps
RAMPS = ALL_RAMPS["digits"]
POINTS = {check.id.split(".")[1]: check.points for check in load_rubric().task("accuracy").checks}


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
    return {part: outcome.judge(part)[0] for part in POINTS}


class TestOutcome:
    """Predictions to points."""

    def test_perfect(self, trial: Trial) -> None:
        outcome = judged(trial, trial.labels)
        assert set(points(outcome).values()) == {1.0}
        assert outcome.metrics.auroc == 1

    @pytest.mark.parametrize("profile", ALL_RAMPS)
    @pytest.mark.parametrize(
        "trick", [*range(11), "no rejection", *(f"chance {seed}" for seed in range(20))]
    )
    def test_tricks_earn_none_of_the_20_points(
        self, trial: Trial, trick: int | str, profile: str
    ) -> None:
        """Constants, 10 being "all unknown"; digits without rejection; chance."""
        if isinstance(trick, int):
            labels = np.full(100, trick)
        elif trick == "no rejection":
            labels = np.where(trial.labels == UNKNOWN, 7, trial.labels)
        else:
            labels = np.random.default_rng(int(trick.split()[1])).integers(0, 11, 100)
        outcome = dataclasses.replace(judged(trial, labels), ramps=ALL_RAMPS[profile])
        assert sum(POINTS.values()) == 20
        assert sum(POINTS[part] * share for part, share in points(outcome).items()) == 0

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
        assert outcome.accuracy("worst_family") == 0

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

    def test_message_names_accuracy_floor_and_target(self, trial: Trial) -> None:
        labels = np.where(np.arange(100) % 10 == 0, UNKNOWN, trial.labels)
        fraction, text, explained = judged(trial, labels).judge("known")
        assert 0 < fraction < 1
        assert not explained
        for part in (" % of the known digits are recognised", "93 %", "80 %"):
            assert part in text

    def test_points_held_back_say_by_what(self, trial: Trial) -> None:
        """100 % and no points wants explaining."""
        labels = np.where(trial.labels == UNKNOWN, 7, trial.labels)
        fraction, text, explained = judged(trial, labels).judge("known")
        assert fraction == 0
        assert explained
        assert "nothing while only 0.00 % of the unknown images are rejected" in text


def hidden(trial: Trial, labels: np.ndarray, **others: np.ndarray) -> Outcome:
    return dataclasses.replace(judged(trial, labels, **others), hidden=True)


class TestHiddenData:
    """A message about hidden data says which kind of image loses points, and nothing else."""

    @pytest.mark.parametrize("seed", range(5))
    def test_no_figure_and_no_family(self, trial: Trial, seed: int) -> None:
        rng = np.random.default_rng(seed)
        share = rng.random()
        guess = np.where(rng.random(100) < share, rng.integers(0, 11, 100), trial.labels)
        outcome = hidden(trial, guess)
        for part in POINTS:
            fraction, text, _ = outcome.judge(part)
            assert not re.search(r"\d|%", text), text
            assert not any(family in text for family in trial.unknown_families)
            assert bool(text) == (fraction < 1)

    def test_category(self, trial: Trial) -> None:
        labels = np.where(np.arange(100) % 8 == 0, UNKNOWN, trial.labels)
        assert hidden(trial, labels).judge("known")[1].startswith("known digits lose")
        labels = np.where(np.arange(100) % 10 < 2, np.minimum(trial.labels, 9), trial.labels)
        for part in ("unknown", "worst_family"):
            assert hidden(trial, labels).judge(part)[1].startswith("unknown images")

    @pytest.mark.parametrize("error", [Raised, Crashed, OutOfMemory, Mismatch])
    def test_what_the_model_says_of_them_is_kept_back(
        self, trial: Trial, error: type[Exception]
    ) -> None:
        """An exception's text is the student's: it could hold the images."""

        class Telling:
            def predict(self, images: np.ndarray, limits: Limits) -> dict[str, np.ndarray]:
                raise error(f"ValueError: {images[0].tolist()}")

        with pytest.raises(error) as caught:
            judge(Telling(), trial, RAMPS, LIMITS, hidden=True)  # type: ignore[arg-type]
        assert not re.search(r"\d", str(caught.value))
        with pytest.raises(error, match="ValueError"):
            judge(Telling(), trial, RAMPS, LIMITS)  # type: ignore[arg-type]
