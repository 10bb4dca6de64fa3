"""Macro-F1 at one threshold and at all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from solutions.errors import UserError
from solutions.zoo.metrics.f1 import macro_f1, macro_f1_curve
from tests.solutions.zoo.metrics import oracles
from tests.solutions.zoo.metrics.drawn import few, trial, trials

CLOSE = {"rel": 0, "abs": 1e-12}
classes = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=30)


@few
@given(classes)
def test_macro_f1_is_the_mean_over_classes_that_occur(rows):
    labels, predictions = (np.array(column) for column in zip(*rows, strict=True))
    value = macro_f1(labels, predictions)
    assert value == pytest.approx(oracles.macro_f1(labels, predictions), **CLOSE)
    assert value == pytest.approx(
        f1_score(labels, predictions, average="macro", zero_division=0), **CLOSE
    )


def test_absent_classes():
    assert macro_f1([0, 1], [0, 1]) == 1, "classes that nothing names are left out of the mean"
    assert macro_f1([0, 1], [0, 10]) == pytest.approx(1 / 3), "named on one side only: counts 0"


@pytest.mark.parametrize("num_known", [2, 6, 10])
@few
@given(data=st.data())
def test_curve_is_macro_f1_at_each_threshold(num_known, data):
    t = data.draw(trials(num_known))
    curve = macro_f1_curve(t.labels, t.closed_set, t.scores, num_known=num_known)
    assert curve.thresholds.tolist() == [-np.inf, *sorted({*t.scores})]
    for at, value in zip(curve.thresholds, curve.values, strict=True):
        expected = oracles.macro_f1(t.labels, oracles.rejected(t.closed_set, t.scores, at))
        assert value == pytest.approx(expected, **CLOSE), f"at threshold {at}"


def test_curve_at_thresholds_of_ones_own_in_any_order():
    t = trial(0)
    at = [3.0, -np.inf, 0.05, np.inf, 0.1, 0.1]
    curve = macro_f1_curve(t.labels, t.closed_set, t.scores, at)
    for threshold, value in zip(at, curve.values, strict=True):
        predictions = np.where(t.scores > threshold, 10, t.closed_set)
        assert value == pytest.approx(macro_f1(t.labels, predictions), **CLOSE)


def test_order_of_images_changes_nothing():
    t = trial(2)
    order = np.random.default_rng(0).permutation(len(t.labels))
    before = macro_f1_curve(t.labels, t.closed_set, t.scores).values
    after = macro_f1_curve(t.labels[order], t.closed_set[order], t.scores[order]).values
    np.testing.assert_array_equal(before, after)


def test_twenty_thousand_images_and_two_hundred_thresholds():
    """Sorted once and searched: no table of images by thresholds (4 million) is ever made."""
    t = trial(3, size=20_000)
    at = np.linspace(-3, 4, 200)
    values = macro_f1_curve(t.labels, t.closed_set, t.scores, at).values
    for index in (0, 100, 199):
        predictions = np.where(t.scores > at[index], 10, t.closed_set)
        assert values[index] == pytest.approx(macro_f1(t.labels, predictions), **CLOSE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [0, 7, 10]}, "labels are 0 to 5 or 10, unknown; 7 at image 1 is not"),
        ({"labels": [0, 1]}, "2 labels, 3 closed_set, 3 scores"),
        ({"labels": [0.0, 1.0, 10.0]}, "integers, not float64"),
        ({"labels": [[0, 1, 10]]}, r"not \(1, 3\)"),
        ({"closed_set": [0, 1, 10]}, "closed-set predictions are 0 to 5; 10 at image 2"),
        ({"scores": [0.0, np.nan, 1.0]}, "NaN or infinite at 1 of 3"),
        ({"thresholds": []}, "thresholds are numbers"),
        ({"thresholds": [np.nan]}, "thresholds are numbers"),
        ({"num_known": 0}, "0 known classes"),
        ({"num_known": 11}, "11 known classes"),
    ],
)
def test_bad_input_is_one_clear_line(change, message):
    good = {"labels": [0, 1, 10], "closed_set": [0, 1, 2], "scores": [0.0, 1.0, 2.0]}
    with pytest.raises(UserError, match=message) as error:
        macro_f1_curve(**{**good, "num_known": 6, **change})
    assert "\n" not in str(error.value)


def test_no_image():
    with pytest.raises(UserError, match="there are none"):
        macro_f1([], [])
