"""Threshold rules against their definitions, and what they promise against what they do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions.errors import UserError
from solutions.zoo.rules import Conformal, Fixed, MeanStd, Quantile

some_scores = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60).map(np.array)
shares = st.floats(0.001, 0.999)


def test_fixed_is_the_number_whatever_the_scores():
    assert Fixed(0.25).threshold(np.array([9.0, 8.0])) == 0.25
    assert Fixed(0.25).nominal is None


def test_mean_std_by_hand():
    # mean 2, sample variance ((1)² + 0 + (1)²) / 2 = 1
    assert MeanStd(3).threshold(np.array([1.0, 2.0, 3.0])) == pytest.approx(5.0)


def test_mean_std_names_the_tail_of_a_normal_law():
    assert MeanStd(3).nominal == pytest.approx(0.0013498980316301)  # tables of the normal law


def test_mean_std_keeps_its_promise_on_a_normal_law_only():
    random = np.random.default_rng(0)
    normal, heavy = random.normal(size=200_000), random.standard_exponential(200_000)
    for scores, low, high in ((normal, 0.001, 0.0017), (heavy, 0.015, 0.022)):
        assert low < np.mean(scores > MeanStd(3).threshold(scores)) < high


@given(scores=some_scores, alpha=shares)
def test_conformal_leaves_at_most_alpha_of_n_plus_one_above(scores, alpha):
    threshold = Conformal(alpha).threshold(scores)
    above = int(np.sum(scores > threshold))
    # A new image is as likely at each of n + 1 ranks; those above the threshold's are rejected.
    assert above <= alpha * (len(scores) + 1) + 1e-6
    if math.isfinite(threshold):
        lower = scores[scores < threshold]
        if len(lower):  # the next lower score would promise too little
            assert np.sum(scores > lower.max()) + 1 > alpha * (len(scores) + 1) - 1e-6


def test_conformal_takes_the_rank_of_the_formula():
    scores = np.arange(1.0, 100.0)  # n = 99: ⌈100 · .99⌉ = 99, the largest
    assert Conformal(0.01).threshold(scores) == 99
    assert Conformal(0.1).threshold(scores) == 90


def test_conformal_promises_nothing_on_too_few_scores():
    assert Conformal(0.01).threshold(np.arange(98.0)) == math.inf


@pytest.mark.parametrize("rule", [Conformal(0.05), Quantile(0.05)])
def test_realised_rejection_of_new_scores_is_the_nominal_one(rule):
    random = np.random.default_rng(1)
    realised = [
        np.mean(random.gamma(2, size=2000) > rule.threshold(random.gamma(2, size=999)))
        for _ in range(300)
    ]
    assert np.mean(realised) == pytest.approx(rule.nominal, abs=0.002)


@given(scores=some_scores, alpha=shares)
def test_quantile_is_numpys(scores, alpha):
    assert Quantile(alpha).threshold(scores) == pytest.approx(np.quantile(scores, 1 - alpha))


@pytest.mark.parametrize("rule", [MeanStd(3), Quantile(0.1), Conformal(0.1)])
@pytest.mark.parametrize("scores", [[], [1.0], [1.0, np.nan], [1.0, np.inf], [[1.0, 2.0]]])
def test_scores_that_give_no_threshold_are_refused(rule, scores):
    with pytest.raises(UserError, match="threshold"):
        rule.threshold(np.array(scores))


@pytest.mark.parametrize("kind", [Quantile, Conformal])
@pytest.mark.parametrize("alpha", [0, 1, -0.1, 1.5, math.nan])
def test_alpha_is_a_share(kind, alpha):
    with pytest.raises(UserError, match="share of known images"):
        kind(alpha)
