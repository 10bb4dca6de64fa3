import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.pages.scale import Scale, log_ticks, span, thin, tick_label, ticks

finite = st.floats(-1e9, 1e9, allow_nan=False)
pixels = st.tuples(st.floats(0, 360), st.floats(0, 250))


def test_a_scale_is_straight_and_ends_at_its_ends():
    to_x = Scale(-1.0, 1.0, 40, 340)
    assert [to_x(value) for value in (-1, -0.5, 0, 1)] == [40, 115, 190, 340]


@given(st.floats(allow_nan=False))
def test_nothing_is_drawn_outside_of_a_scale(value):
    assert 40 <= Scale(0.0, 1.0, 40, 340)(value) <= 340
    assert 12 <= Scale(0.0, 1.0, 206, 12)(value) <= 206  # upwards


@given(st.lists(st.floats()))
def test_a_span_can_be_drawn_and_holds_what_is_finite(values):
    assume(all(abs(value) < 1e300 for value in values if math.isfinite(value)))
    low, high = span(values)
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    assert all(low <= value <= high for value in values if math.isfinite(value))


@given(finite, st.floats(1e-6, 1e9), st.integers(3, 9))
def test_ticks_are_round_even_and_within(low, distance, most):
    high = low + distance
    assume(high - low > 1e-7 * max(abs(low), 1))
    found = ticks(low, high, most)
    step = found[1] - found[0]
    assert 2 <= len(found) <= most
    assert all(low - 1e-6 * step <= tick <= high + 1e-6 * step for tick in found)
    assert all(b - a == pytest.approx(step, rel=1e-3) for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0, 100, ["0", "20", "40", "60", "80", "100"]),
        (0.93, 1.0, ["0.94", "0.96", "0.98", "1"]),
        (-3, 7, ["-2", "0", "2", "4", "6"]),
        (0, 2.4e7, ["0", "5e+06", "1e+07", "1.5e+07", "2e+07"]),
    ],
)
def test_ticks_and_their_labels_by_example(low, high, labels):
    found = ticks(low, high)
    assert [tick_label(tick, found[1] - found[0]) for tick in found] == labels


@given(st.floats(1e-30, 1e28), st.floats(1.5, 1e10))
def test_logarithmic_ticks_are_few_and_within(low, ratio):
    found = log_ticks(low, low * ratio)
    assert len(found) <= 7
    assert all(low <= tick <= low * ratio for tick in found)
    assert list(found) == sorted(set(found))
    assert found or ratio < 10


def test_a_straight_line_is_thinned_to_its_ends():
    line = [(x / 10, 3 + x / 20) for x in range(1001)]
    assert thin(line, 0.3) == [line[0], line[-1]]


@given(st.lists(pixels, max_size=60), st.floats(0.1, 5))
def test_a_thinned_curve_is_nowhere_farther_away_than_it_may_be(points, tolerance):
    kept = thin(points, tolerance)
    assert kept[:1] == points[:1]
    assert kept[-1:] == points[-1:]
    pieces = list(pairwise(kept)) or [(point, point) for point in kept]
    for point in points:
        assert min(_distance(point, *piece) for piece in pieces) <= tolerance + 1e-9


def _distance(point, start, end):
    """By trial of many places on the piece and then of finer ones: slow, and another way."""
    low, high = 0.0, 1.0

    def away(share):
        return math.dist(point, [a + share * (b - a) for a, b in zip(start, end, strict=True)])

    for _ in range(80):  # the distance from a straight line has one minimum
        third = (high - low) / 3
        if away(low + third) < away(high - third):
            high -= third
        else:
            low += third
    return away((low + high) / 2)
