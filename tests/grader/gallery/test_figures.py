from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import metrics
from grader.gallery.figures import confusion, curves, spread
from tests.grader.gallery.trials import make_trial, predict_somehow

# A score of few values has ties; those of any size are what a student may send.
few_values = st.integers(0, 6).map(lambda number: number / 4)
some = st.lists(few_values, min_size=1, max_size=25)
finite = st.floats(allow_nan=False, allow_infinity=False)


def test_the_confusion_matrix_agrees_with_the_metrics_of_the_record(rng):
    trial = make_trial(rng)
    made = predict_somehow(rng, trial)
    rows = trial.graded
    counts = np.array(confusion(trial.labels[rows], made.labels[rows]))
    measured = metrics.measure(trial, made.labels, made.closed_set, made.scores)
    assert counts.sum() == rows.sum()
    assert counts[:10, :10].trace() / counts[:10].sum() == pytest.approx(measured.known_accuracy)
    assert counts[10, 10] / counts[10].sum() == pytest.approx(measured.unknown_accuracy)
    assert counts.trace() / counts.sum() == pytest.approx(measured.total_accuracy)


def test_confusion_counts_by_hand():
    counts = confusion(np.array([0, 0, 3, 10]), np.array([0, 10, 5, 10]))
    expected = np.zeros((11, 11), int)
    expected[0, 0] = expected[0, 10] = expected[3, 5] = expected[10, 10] = 1
    assert np.array_equal(counts, expected)


@given(some, some, st.data())
def test_curves_hold_what_each_threshold_gives(known, unknown, data):
    named = data.draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known)))
    made = curves(np.array(known), np.array(named), np.array(unknown))
    roc, oscr = [], []
    for threshold in (-1.0, *sorted({*known, *unknown})):
        passing = sum(score <= threshold for score in unknown) / len(unknown)
        rejected = sum(score > threshold for score in known) / len(known)
        right = sum(
            score <= threshold and is_right for score, is_right in zip(known, named, strict=True)
        ) / len(known)
        roc.append((rejected, 1 - passing))
        oscr.append((passing, right))
    for points, curve in ((roc, made.roc), (oscr, made.oscr)):
        x, y = np.array(curve).T
        assert (np.diff(x) >= 0).all()
        assert (np.diff(y) >= 0).all()
        for point in points:  # on the thinned curve, or hardly beside it
            assert _distance(point, curve) < 0.003
    assert made.roc[0] == (0, 0)
    assert made.roc[-1] == (1, 1)
    assert made.oscr_area <= sum(named) / len(named) + 1e-9


@given(some, some)
def test_the_area_under_roc_is_the_records_auroc(known, unknown):
    made = curves(np.array(known), np.ones(len(known), bool), np.array(unknown))
    assert made.auroc == pytest.approx(metrics.auroc(np.array(known), np.array(unknown)))
    assert made.oscr_area == pytest.approx(made.auroc)  # where every digit is named rightly


def test_long_curves_are_short_afterwards(rng):
    known, unknown = rng.normal(0, 1, 20000), rng.normal(1, 1, 30000)
    made = curves(known, rng.random(20000) < 0.9, unknown)
    assert 10 < len(made.roc) < 150
    assert 10 < len(made.oscr) < 150


@given(
    st.lists(finite, min_size=1, max_size=40),
    st.lists(finite, min_size=1, max_size=40),
    st.none() | finite,
)
def test_every_image_is_in_a_bin_whatever_the_scores(known, unknown, threshold):
    made = spread(np.array(known), np.array(unknown), threshold)
    assert sum(made.known) == pytest.approx(1, abs=1e-4)
    assert sum(made.unknown) == pytest.approx(1, abs=1e-4)
    assert np.isfinite(made.edges).all()
    assert made.edges[0] < made.edges[-1]
    assert (np.diff(made.edges) >= 0).all()
    assert not made.logarithmic or made.edges[0] > 0


def test_errors_over_decades_get_bins_of_equal_ratio(rng):
    made = spread(np.exp(rng.normal(-3, 0.5, 500)), np.exp(rng.normal(1, 0.5, 500)), 0.2)
    ratios = np.array(made.edges[1:]) / np.array(made.edges[:-1])
    assert made.logarithmic
    assert ratios == pytest.approx(ratios[0], rel=1e-3)
    assert made.edges[0] < 0.2 < made.edges[-1]


def test_one_huge_score_leaves_the_others_apart(rng):
    unknown = np.append(rng.normal(1, 0.3, 200), 1e12)
    made = spread(rng.normal(0, 0.3, 200), unknown, 0.5)
    assert made.edges[-1] < 3
    assert sum(share > 0 for share in made.known) > 8
    assert made.beyond > 0


def _distance(point, curve):
    """From a point to the nearest of the straight pieces."""
    best = min(np.hypot(point[0] - x, point[1] - y) for x, y in curve)
    for (x0, y0), (x1, y1) in pairwise(curve):
        length = np.hypot(x1 - x0, y1 - y0)
        along = ((point[0] - x0) * (x1 - x0) + (point[1] - y0) * (y1 - y0)) / length**2
        if 0 <= along <= 1:
            across = (point[0] - x0) * (y1 - y0) - (point[1] - y0) * (x1 - x0)
            best = min(best, abs(across) / length)
    return best
