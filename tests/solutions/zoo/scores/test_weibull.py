"""The tail fit against SciPy's, against fifty-digit arithmetic, and where no law is defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import weibull_min

from solutions.errors import UserError
from solutions.zoo.scores.weibull import SHIFT, WeibullTail, fit_tail, largest

tails = hnp.arrays(np.float64, st.integers(2, 30), elements=st.floats(0, 1e4, width=32)).filter(
    lambda tail: np.ptp(tail) > 1e-3
)


def random_tail(seed):
    """The n largest of a class's distances, as they come: gamma, of many widths."""
    random = np.random.default_rng(seed)
    distances = random.gamma(random.uniform(0.5, 20), 10 ** random.uniform(0, 3), 2000)
    return np.sort(distances)[-int(random.integers(5, 61)) :]


def agrees_with_scipy(tail):
    t = tail - tail.min() + SHIFT
    # Started from the moments of ln t: from its own start SciPy's search ends far from the maximum,
    # at k = 0.5 instead of 31, for two of five hundred of these tails.
    start = np.pi / np.sqrt(6) / np.log(t).std()
    with np.errstate(all="ignore"):  # its search overflows on its way
        shape, _, scale = weibull_min.fit(t, start, floc=0, scale=t.mean())
    fitted = fit_tail(tail)
    assert fitted.shape == pytest.approx(shape, rel=5e-5)
    assert fitted.scale == pytest.approx(scale, rel=5e-5)


@pytest.mark.parametrize("seed", range(30))
def test_the_fit_is_scipys(seed):
    agrees_with_scipy(random_tail(seed))


@pytest.mark.slow
def test_a_thousand_fits_are_scipys():
    for seed in range(1000, 2000):
        agrees_with_scipy(random_tail(seed))


@pytest.mark.parametrize("spread", [1e-12, 1e-4, 0.1, 10.0, 1e6, 1e100])
def test_the_fit_is_exact_where_scipys_is_not(spread):
    mp = pytest.importorskip("mpmath")
    tail = 3 * spread + spread * np.random.default_rng(1).random(20)
    with mp.workdps(60):
        t = [mp.mpf(float(x)) - mp.mpf(float(tail.min())) + int(SHIFT) for x in tail]
        x = [mp.log(each / max(t)) for each in t]
        mean = mp.fsum(x) / len(x)
        low, high = -mean / 1000, -mean
        for _ in range(100):
            sigma = (low + high) / 2
            powers = [mp.exp(each / sigma) for each in x]
            weighted = mp.fsum(a * b for a, b in zip(x, powers, strict=True)) / mp.fsum(powers)
            low, high = (sigma, high) if sigma + mean < weighted else (low, sigma)
        excess = max(t) * (mp.fsum(powers) / len(x)) ** sigma - int(SHIFT)
        expected = float(1 / sigma), float(excess)
    fitted = fit_tail(tail)
    assert (fitted.shape, fitted.excess) == pytest.approx(expected, rel=1e-12)


@settings(deadline=None, max_examples=60)
@given(tail=tails, seed=st.integers(0, 9))
def test_the_weights_are_the_laws(tail, seed):
    fitted = fit_tail(tail)
    distances = tail.max() * 2 * np.random.default_rng(seed).random(50)
    t = distances - tail.min() + SHIFT
    expected = weibull_min.cdf(t, fitted.shape, scale=fitted.scale)
    # SciPy forms t / λ: it loses digits in proportion to k
    np.testing.assert_allclose(fitted.cdf(distances), expected, atol=1e-15 * fitted.shape + 1e-12)


@settings(deadline=None, max_examples=60)
@given(tail=tails, seed=st.integers(0, 9))
def test_further_out_is_never_surer_to_belong(tail, seed):
    distances = np.sort(np.r_[tail, tail.max() * 3 * np.random.default_rng(seed).random(50)])
    weights = fit_tail(tail).cdf(distances)
    assert (np.diff(weights) >= 0).all()
    assert weights.min() >= 0
    assert weights.max() <= 1
    assert (fit_tail(tail).cdf(np.array([1e300])) == 1).all()


@settings(deadline=None, max_examples=30)
@given(tail=tails, seed=st.integers(0, 9))
def test_the_order_of_a_tail_does_not_matter(tail, seed):
    fitted = fit_tail(tail)
    shuffled = fit_tail(np.random.default_rng(seed).permutation(tail))
    assert (fitted.shape, fitted.excess) == pytest.approx((shuffled.shape, shuffled.excess))


def test_a_weight_lies_between_the_ends_of_its_tail():
    tail = np.array([1.0, 2.0, 3.0, 4.0])
    inside = fit_tail(tail).cdf(np.array([0.0, 1.0, 4.0, 50.0]))
    assert 0 < inside[0] < inside[1] < 0.5 < inside[2] < 1
    assert inside[3] == 1


@pytest.mark.parametrize("tail", [[0.0, 0.0, 0.0], [5.0] * 20, [7.0], [1.0, 1.0 + 1e-290]])
def test_a_tail_without_a_spread_is_a_step(tail):
    fitted = fit_tail(np.array(tail))
    assert math.isinf(fitted.shape)
    around = np.array([tail[0] - 1e-3, tail[0], tail[0] + 1e-3, 1e300])
    assert fitted.cdf(around).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("spread", [1e-250, 1e-100, 1e-9, 1e9, 1e100, 1e300])
def test_no_spread_is_too_small_or_too_large(spread):
    tail = spread * np.array([0.0, 1.0, 2.0, 4.0])
    fitted = fit_tail(tail)
    assert math.isfinite(fitted.shape)
    assert fitted.shape > 0
    weights = fitted.cdf(np.r_[tail, 100 * spread])
    assert np.isfinite(weights).all()
    assert (np.diff(weights) > 0).all()


def test_zeros_among_the_distances_are_fitted():
    agrees_with_scipy(np.array([0.0, 0.0, 3.0, 5.0, 9.0]))


def test_below_minus_t_there_is_no_weight():
    far_out = WeibullTail(least=2 * SHIFT, shape=3.0, excess=10.0)
    assert far_out.cdf(np.array([0.0, SHIFT])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("tail", "says"),
    [
        ([], "one or more distances"),
        ([[1.0, 2.0]], "one or more distances"),
        ([1.0, math.nan], "NaN"),
        ([1.0, math.inf], "infinite"),
        ([-1.0, 2.0], "negative"),
    ],
)
def test_what_is_no_tail_is_refused(tail, says):
    with pytest.raises(UserError, match=says):
        fit_tail(np.array(tail))


@given(
    distances=hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 10)),
    count=st.integers(1, 40),
)
def test_the_largest_are_the_largest(distances, count):
    count = min(count, len(distances))
    found = np.sort(largest(distances, count))
    assert found.tolist() == np.sort(distances)[len(distances) - count :].tolist()
