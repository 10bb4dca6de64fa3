"""OSCR: area, curve and CCR@FPR against loops over pairs and thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions.errors import UserError
from solutions.zoo.metrics.auroc import auroc
from solutions.zoo.metrics.oscr import ccr_at_fpr, oscr_area, oscr_curve
from tests.solutions.zoo.metrics import oracles
from tests.solutions.zoo.metrics.drawn import few, known_side, side

unsigned = pytest.mark.filterwarnings("ignore::solutions.zoo.metrics.sign.SignWarning")


def parts(known):
    correct, scores = zip(*known, strict=True)
    return np.array(correct), np.array(scores)


@few
@given(known_side, side)
def test_area_counts_pairs_exactly(known, unknown):
    correct, scores = parts(known)
    assert oscr_area(correct, scores, unknown) == oracles.oscr(correct, scores, unknown), (
        "OSCR is not the share of pairs whose known image is right and scores lower (ties half)"
    )


@unsigned
@few
@given(known_side, side)
def test_area_is_at_most_auroc_and_closed_set_accuracy(known, unknown):
    correct, scores = parts(known)
    area = oscr_area(correct, scores, unknown)
    assert 0 <= area <= correct.mean(), "OSCR above the closed-set accuracy"
    assert area <= auroc(scores, unknown) + 1e-12, "OSCR above AUROC"


@unsigned
@few
@given(side, side)
def test_area_of_a_perfect_classifier_is_auroc(known, unknown):
    area = oscr_area(np.ones(len(known), bool), known, unknown)
    assert area == pytest.approx(auroc(known, unknown), abs=1e-12)


@few
@given(known_side, side)
def test_area_under_the_curve_is_the_area(known, unknown):
    correct, scores = parts(known)
    curve = oscr_curve(correct, scores, unknown)
    assert curve.area == pytest.approx(oscr_area(correct, scores, unknown), abs=1e-12)


@few
@given(known_side, side)
def test_curve_points_are_what_their_thresholds_accept(known, unknown):
    correct, scores = parts(known)
    curve = oscr_curve(correct, scores, unknown)
    assert (curve.fpr[0], curve.ccr[0]) == (0, 0)
    assert (curve.fpr[-1], curve.ccr[-1]) == (1, correct.mean())
    for at, fpr, ccr in zip(curve.thresholds, curve.fpr, curve.ccr, strict=True):
        assert fpr == np.mean(np.array(unknown) <= at), f"FPR at {at}"
        assert ccr == np.mean(correct & (scores <= at)), f"CCR at {at}"


@few
@given(known_side, side, st.one_of(st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.floats(0, 1)))
def test_ccr_is_the_highest_over_all_thresholds(known, unknown, fpr):
    correct, scores = parts(known)
    expected = oracles.ccr_at_fpr(correct, scores, unknown, fpr)
    assert ccr_at_fpr(correct, scores, unknown, fpr) == expected


@few
@given(known_side, side, st.randoms(use_true_random=False))
def test_order_of_images_changes_nothing(known, unknown, random):
    before = oscr_area(*parts(known), unknown)
    random.shuffle(known)
    random.shuffle(unknown)
    assert oscr_area(*parts(known), unknown) == before


@few
@given(known_side, side)
def test_only_the_order_of_scores_counts(known, unknown):
    correct, scores = parts(known)
    ranks = {score: rank for rank, score in enumerate(sorted({*scores, *unknown}))}
    after = oscr_area(correct, [ranks[s] for s in scores], [ranks[s] for s in unknown])
    assert after == oscr_area(correct, scores, unknown)


def test_correctness_belongs_to_its_own_image():
    """Pairing each score with another image's correctness is the commonest mistake."""
    assert oscr_area(np.array([True, False]), [0.0, 2.0], [1.0]) == 0.5
    assert oscr_area(np.array([False, True]), [0.0, 2.0], [1.0]) == 0.0


def test_twenty_thousand_images_need_no_table_of_pairs():
    random = np.random.default_rng(0)
    known, unknown = random.normal(0, 1, 10_000), random.normal(3, 1, 10_000)
    area = oscr_area(random.random(10_000) < 0.98, known, unknown)
    assert area == pytest.approx(0.98 * 0.983, abs=0.003)  # Φ(3/√2) = .983


@pytest.mark.parametrize("metric", [oscr_area, oscr_curve])
@pytest.mark.parametrize(
    ("correct", "known", "unknown", "message"),
    [
        ([True], [0.0, 1.0], [1.0], "1 known_correct, 2 known_scores"),
        ([1, 0], [0.0, 1.0], [1.0], "true or false for each image, not int64"),
        ([], [], [1.0], "there are none"),
        ([True], [0.0], [], "unknown images: there are none"),
        ([True], [np.nan], [1.0], "NaN or infinite"),
    ],
)
def test_bad_input_is_one_clear_line(metric, correct, known, unknown, message):
    with pytest.raises(UserError, match=message) as error:
        metric(correct, known, unknown)
    assert "\n" not in str(error.value)


def test_ccr_wants_a_share():
    with pytest.raises(UserError, match="fpr is 5"):
        ccr_at_fpr([True], [0.0], [1.0], 5)
