"""Confusion, accuracies, rejection and openness."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions.errors import UserError
from solutions.zoo.metrics.accuracy import accuracies
from solutions.zoo.metrics.confusion import confusion, known_unknown_confusion, row_shares
from solutions.zoo.metrics.openness import openness
from solutions.zoo.metrics.rejection import rejection
from tests.solutions.zoo.metrics.drawn import few, trial, trials


@pytest.mark.parametrize("num_known", [1, 6, 10])
@few
@given(data=st.data())
def test_confusion_counts_each_image_once(num_known, data):
    t = data.draw(trials(num_known))
    said = np.where(t.scores > 0, 10, t.closed_set)
    counts = np.zeros((num_known + 1, num_known + 1), int)
    for truth, prediction in zip(t.labels, said, strict=True):
        counts[min(truth, num_known), min(prediction, num_known)] += 1  # 10 is the last row
    np.testing.assert_array_equal(confusion(t.labels, said, num_known), counts)
    two = np.zeros((2, 2), int)
    for truth, prediction in zip(t.labels == 10, said == 10, strict=True):
        two[int(truth), int(prediction)] += 1
    np.testing.assert_array_equal(known_unknown_confusion(counts), two)


def test_row_shares_leave_an_empty_class_at_zero():
    shares = row_shares([[3, 1], [0, 0]])
    np.testing.assert_array_equal(shares, [[0.75, 0.25], [0, 0]])


@pytest.mark.parametrize("table", [[[1]], [1, 2], [[1, 2]], [[1, -1], [0, 1]], [[1, np.nan]] * 2])
def test_no_confusion_matrix(table):
    with pytest.raises(UserError, match="confusion matrix"):
        row_shares(table)


@few
@given(trials())
def test_accuracies_are_shares_of_the_confusion_matrix(t):
    said = np.where(t.scores > 0, 10, t.closed_set)
    counts = confusion(t.labels, said)
    result = accuracies(t.labels, said)
    assert result.known == counts.diagonal()[:10].sum() / counts[:10].sum()
    assert result.unknown == counts[10, 10] / counts[10].sum()
    assert result.total == counts.trace() / counts.sum()
    two = known_unknown_confusion(counts)
    assert result.known_unknown == two.trace() / two.sum()


def test_a_rejected_known_image_is_an_error():
    result = accuracies([3, 3, 10, 10], [3, 10, 10, 4])
    assert (result.known, result.unknown, result.total) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("labels", "side"), [([0, 1], "unknown"), ([10, 10], "known")])
def test_accuracies_want_both_sides(labels, side):
    with pytest.raises(UserError, match=f"no image is {side}:"):
        accuracies(labels, labels)


def test_rejection_is_strictly_above_the_threshold():
    result = rejection([0.0, 1.0, 1.0, 2.0], 1.0, nominal=0.2)
    assert (result.realised, result.images) == (0.25, 4)
    assert result.gap == pytest.approx(0.05)
    assert result.noise == pytest.approx(0.2)


def test_rejection_without_a_promise():
    result = rejection([0.0, 1.0], math.inf)
    assert (result.realised, result.nominal, result.gap, result.noise) == (0, None, None, None)


def test_noise_is_the_spread_over_repeated_counts():
    random = np.random.default_rng(0)
    realised = [rejection(random.random(500), 0.9, 0.1).realised for _ in range(2000)]
    assert np.std(realised) == pytest.approx(rejection(random.random(500), 0.9, 0.1).noise, rel=0.1)


@pytest.mark.parametrize(
    ("scores", "threshold", "nominal", "message"),
    [
        ([], 0.0, None, "there are none"),
        ([0.0], math.nan, None, "threshold is NaN"),
        ([0.0], 0.0, 1.5, "is 1.5: it is a share"),
    ],
)
def test_rejection_of_bad_input(scores, threshold, nominal, message):
    with pytest.raises(UserError, match=message):
        rejection(scores, threshold, nominal)


def test_openness():
    assert openness(10, 10, 10) == 0
    assert openness(6, 10, 6) == pytest.approx(1 - math.sqrt(12 / 16))
    assert openness(2, 10, 2) > openness(6, 10, 6), "fewer classes trained on is more open"


@few
@given(st.integers(1, 100), st.integers(0, 100), st.integers(0, 100))
def test_openness_within_bounds(train, more_test, more_target):
    assert 0 <= openness(train, train + more_test, train + more_target) < 1


@pytest.mark.parametrize("counts", [(0, 1, 1), (10, 4, 10), (10, -1, 30)])
def test_openness_of_bad_counts(counts):
    with pytest.raises(UserError, match="openness"):
        openness(*counts)


def test_confusion_of_other_lengths():
    t = trial(0)
    with pytest.raises(UserError, match="labels, 3 predictions"):
        confusion(t.labels, t.closed_set[:3])
