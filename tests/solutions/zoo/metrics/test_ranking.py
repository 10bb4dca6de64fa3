"""AUROC, AUPR, FPR at a TPR and the ROC curve against their definitions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from solutions.errors import UserError
from solutions.zoo.metrics.aupr import aupr_in, aupr_out
from solutions.zoo.metrics.auroc import auroc
from solutions.zoo.metrics.fpr import fpr_at_tpr
from solutions.zoo.metrics.roc import roc_curve
from solutions.zoo.metrics.sign import SignWarning
from tests.solutions.zoo.metrics import oracles
from tests.solutions.zoo.metrics.drawn import coarse, few, fine, side

CLOSE = {"rel": 0, "abs": 1e-12}
unsigned = pytest.mark.filterwarnings("ignore::solutions.zoo.metrics.sign.SignWarning")
shares = st.one_of(st.sampled_from([0.0, 0.5, 0.95, 1.0]), st.floats(0, 1))


def fpr_known(known, unknown):
    return fpr_at_tpr(known, unknown, positive="known")


def fpr_unknown(known, unknown):
    return fpr_at_tpr(known, unknown, positive="unknown")


ALL = (auroc, aupr_in, aupr_out, fpr_known, fpr_unknown)


@unsigned
@few
@given(side, side)
def test_auroc_counts_pairs(known, unknown):
    assert auroc(known, unknown) == pytest.approx(oracles.auroc(known, unknown), **CLOSE), (
        "AUROC is not the share of pairs in which the unknown image scores higher (ties half)"
    )


@few
@given(side, side)
def test_aupr_is_average_precision_of_the_side_it_names(known, unknown):
    low = [-s for s in known], [-s for s in unknown]
    assert aupr_in(known, unknown) == pytest.approx(oracles.average_precision(*low), **CLOSE), (
        "AUPR-in is not average precision with known images positive"
    )
    expected = oracles.average_precision(unknown, known)
    assert aupr_out(known, unknown) == pytest.approx(expected, **CLOSE), (
        "AUPR-out is not average precision with unknown images positive"
    )


@few
@given(side, side, shares)
def test_fpr_at_tpr_is_the_least_over_all_thresholds(known, unknown, tpr):
    assert fpr_at_tpr(known, unknown, "unknown", tpr) == oracles.fpr_unknown_positive(
        known, unknown, tpr
    ), "unknown positive: not the fewest known images rejected at that TPR"
    assert fpr_at_tpr(known, unknown, "known", tpr) == oracles.fpr_known_positive(
        known, unknown, tpr
    ), "known positive: not the fewest unknown images accepted at that TPR"


@pytest.mark.parametrize("seed", range(3))
@unsigned
def test_scikit_learn_agrees(seed):
    random = np.random.default_rng(seed)
    known, unknown = random.normal(0, 1, 70).round(1), random.normal(1, 2, 50).round(1)
    is_unknown = np.repeat([0, 1], [70, 50])
    scores = np.concatenate([known, unknown])
    assert auroc(known, unknown) == pytest.approx(sklearn.roc_auc_score(is_unknown, scores))
    expected = sklearn.average_precision_score(is_unknown, scores)
    assert aupr_out(known, unknown) == pytest.approx(expected)
    expected = sklearn.average_precision_score(1 - is_unknown, -scores)
    assert aupr_in(known, unknown) == pytest.approx(expected)


@pytest.mark.parametrize("metric", ALL)
@unsigned
@few
@given(known=side, unknown=side, random=st.randoms(use_true_random=False))
def test_order_of_images_changes_nothing(metric, known, unknown, random):
    before = metric(known, unknown)
    random.shuffle(known)
    random.shuffle(unknown)
    assert metric(known, unknown) == before, f"{metric.__name__} depends on the images' order"


@pytest.mark.parametrize("metric", ALL)
@unsigned
@few
@given(
    known=st.lists(coarse, min_size=1, max_size=12),
    unknown=st.lists(coarse, min_size=1, max_size=12),
)
def test_only_the_order_of_scores_counts(metric, known, unknown):
    before = metric(known, unknown)
    for rising in (np.exp, np.arctan, lambda s: 1e300 * s, lambda s: s**3 - 7):
        after = metric(rising(np.array(known)), rising(np.array(unknown)))
        assert after == before, f"{metric.__name__} changes under a rising transformation"


@pytest.mark.parametrize("metric", ALL)
@unsigned
@few
@given(known=side, unknown=side)
def test_within_bounds(metric, known, unknown):
    assert 0 <= metric(known, unknown) <= 1


@unsigned
@few
@given(side, side)
def test_swapping_sides_mirrors_auroc(known, unknown):
    mirrored = auroc([-s for s in known], [-s for s in unknown])
    assert auroc(known, unknown) + mirrored == pytest.approx(1, **CLOSE)


@unsigned
@few
@given(st.lists(fine, min_size=1, max_size=12), st.lists(fine, min_size=1, max_size=12))
def test_roc_points_are_what_their_thresholds_reject(known, unknown):
    curve = roc_curve(known, unknown)
    assert (np.diff(curve.thresholds) < 0).all()
    assert set(curve.thresholds) == {-np.inf, *known, *unknown}, "a threshold is missing"
    for at, false, true in zip(
        curve.thresholds, curve.known_rejected, curve.unknown_rejected, strict=True
    ):
        assert false == np.mean(np.array(known) > at), f"false positive rate at {at}"
        assert true == np.mean(np.array(unknown) > at), f"true positive rate at {at}"
    assert curve.area == pytest.approx(oracles.auroc(known, unknown), **CLOSE)


def test_perfect_and_uninformed_scores():
    known, unknown = [0.0, 0.1, 0.2], [1.0, 2.0]
    assert [metric(known, unknown) for metric in ALL] == [1, 1, 1, 0, 0]
    assert auroc([1.0] * 3, [1.0] * 2) == 0.5
    assert aupr_in([1.0] * 3, [1.0] * 2) == pytest.approx(3 / 5)
    assert aupr_out([1.0] * 3, [1.0] * 2) == pytest.approx(2 / 5)
    assert fpr_unknown([1.0] * 3, [1.0] * 2) == 1


def test_the_two_sides_of_fpr95_differ():
    known, unknown = [0.0] * 19 + [9.0], [1.0] * 10 + [-1.0] * 10
    assert fpr_known(known, unknown) == 0.5
    assert fpr_unknown(known, unknown) == 1.0


def test_single_precision_scores_tie_as_they_are():
    one = np.float32(1)
    above = np.nextafter(one, np.float32(2), dtype=np.float32)
    assert auroc(np.array([one]), np.array([above])) == 1, "neighbouring floats count as a tie"


def test_reversed_sign_warns():
    with pytest.warns(SignWarning, match=r"on letters is 0\.000.*sign of the score is probably"):
        auroc([1.0, 2.0], [0.0, 0.5], "letters")
    with pytest.warns(SignWarning):
        assert auroc([0.0] * 50 + [1.0] * 51, [0.5]) == pytest.approx(50 / 101)  # barely
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert auroc([0.0, 1.0], [0.0, 1.0]) == 0.5, "one half is chance, not a reversed sign"
        auroc(np.arange(7), np.arange(7))


@pytest.mark.parametrize("metric", [*ALL, roc_curve])
@pytest.mark.parametrize(
    ("known", "unknown", "message"),
    [
        ([0.0, float("nan")], [1.0], "known images are NaN or infinite at 1 of 2"),
        ([0.0], [float("inf"), 1.0], "unknown images are NaN or infinite at 1 of 2.*first at 0"),
        ([], [1.0], "known images: there are none"),
        ([0.0], [], "unknown images: there are none"),
        ([[0.0]], [1.0], r"\(N,\), not \(1, 1\)"),
        (0.0, [1.0], r"\(N,\), not \(\)"),
        (["a"], [1.0], "not numbers"),
    ],
)
def test_bad_scores_are_one_clear_line(metric, known, unknown, message):
    with pytest.raises(UserError, match=message) as error:
        metric(known, unknown)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("tpr", [-0.1, 1.1, float("nan")])
def test_fpr_wants_a_side_and_a_share(tpr):
    with pytest.raises(UserError, match="a share"):
        fpr_at_tpr([0.0], [1.0], "known", tpr)
    with pytest.raises(UserError, match="known or unknown, not 'ood'"):
        fpr_at_tpr([0.0], [1.0], "ood")
