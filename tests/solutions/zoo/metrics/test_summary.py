"""The summary says what the single metrics say."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from solutions.errors import UserError
from solutions.zoo.metrics.aupr import aupr_in, aupr_out
from solutions.zoo.metrics.auroc import auroc
from solutions.zoo.metrics.f1 import macro_f1
from solutions.zoo.metrics.fpr import fpr_at_tpr
from solutions.zoo.metrics.sign import SignWarning
from solutions.zoo.metrics.summary import summary
from tests.solutions.zoo.metrics import oracles
from tests.solutions.zoo.metrics.drawn import trial

THRESHOLD = 0.7


def summarise(t, **change):
    arguments = {
        "labels": t.labels,
        "closed_set": t.closed_set,
        "scores": t.scores,
        "threshold": THRESHOLD,
        "families": t.families,
    }
    return summary(**{**arguments, **change})


@pytest.mark.parametrize("num_known", [6, 10])
def test_every_number_is_the_metric_of_its_name(num_known):
    t = trial(0, num_known=num_known)
    result = summarise(t, num_known=num_known)
    known = t.labels != 10
    said = np.where(t.scores > THRESHOLD, 10, t.closed_set)
    k, u = t.scores[known], t.scores[~known]
    expected = {
        "known_images": known.sum(),
        "unknown_images": (~known).sum(),
        "known_accuracy": np.mean(said[known] == t.labels[known]),
        "unknown_accuracy": np.mean(u > THRESHOLD),
        "total_accuracy": np.mean(said == t.labels),
        "known_unknown_accuracy": np.mean((said == 10) == (t.labels == 10)),
        "closed_set_accuracy": np.mean(t.closed_set[known] == t.labels[known]),
        "known_rejection": np.mean(k > THRESHOLD),
        "auroc": auroc(k, u),
        "aupr_in": aupr_in(k, u),
        "aupr_out": aupr_out(k, u),
        "fpr95": fpr_at_tpr(k, u, positive="unknown"),
        "oscr": oracles.oscr((t.closed_set == t.labels)[known], k, u),
        "macro_f1": macro_f1(t.labels, said, num_known),
    }
    told = result.to_dict()
    families = told.pop("families")
    assert told == pytest.approx(expected)
    assert list(families) == ["letters", "noise"], "families of unknown images, and no others"


def test_a_family_stands_against_all_known_images():
    t = trial(1)
    said = np.where(t.scores > THRESHOLD, 10, t.closed_set)
    known, letters = t.labels != 10, t.families == "letters"
    k, u = t.scores[known], t.scores[letters]
    family = summarise(t).families["letters"]
    assert family.images == letters.sum()
    assert family.unknown_accuracy == pytest.approx(np.mean(u > THRESHOLD))
    assert family.auroc == pytest.approx(oracles.auroc(k, u))
    assert family.fpr95 == oracles.fpr_unknown_positive(k, u, 0.95)
    assert family.oscr == oracles.oscr((t.closed_set == t.labels)[known], k, u)
    both = known | letters
    assert family.macro_f1 == pytest.approx(oracles.macro_f1(t.labels[both], said[both]))


def test_one_family_is_the_whole():
    t = trial(2)
    result = summarise(t, families=np.where(t.labels == 10, "all", "digits"))
    family = result.families["all"]
    for name in ("unknown_accuracy", "auroc", "fpr95", "oscr", "macro_f1"):
        assert getattr(family, name) == getattr(result, name), name


def test_known_and_unknown_of_one_family():
    """The 6/4 splits of MNIST: known and unknown digits are of one data set."""
    t = trial(3)
    family = summarise(t, families=["mnist"] * len(t.labels)).families["mnist"]
    assert family.images == (t.labels == 10).sum()


def test_order_of_images_changes_nothing():
    t = trial(4)
    order = np.random.default_rng(0).permutation(len(t.labels))
    shuffled = summary(
        t.labels[order], t.closed_set[order], t.scores[order], THRESHOLD, t.families[order]
    )
    assert shuffled == summarise(t)


@pytest.mark.parametrize("threshold", [THRESHOLD, math.inf, np.float32(0.7)])
def test_json_holds_it(threshold):
    told = summarise(trial(5), threshold=threshold).to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    plain = {type(value) for value in told.values()}
    assert plain == {int, float, dict}, "NumPy's numbers are not JSON's"


def test_a_reversed_sign_names_the_images():
    t = trial(6)
    with pytest.warns(SignWarning) as caught:
        summarise(t, scores=-t.scores)
    about = [str(warning.message).split(" is ")[0] for warning in caught]
    assert about == ["AUROC on all unknown images", "AUROC on letters", "AUROC on noise"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"families": ["a"]}, "labels, 1 families"),
        ({"families": [1] * 211}, "families are names"),
        ({"labels": [3] * 211}, "no image is unknown"),
        ({"labels": [10] * 211}, "no image is known"),
        ({"labels": [11] * 211}, "11 at image 0 is not"),
        ({"closed_set": [10] * 211}, "closed-set predictions are 0 to 9"),
        ({"scores": [np.nan] * 211}, "NaN or infinite at 211 of 211"),
        ({"scores": [0.0]}, "211 labels, 211 closed_set, 1 scores"),
        ({"threshold": math.nan}, "threshold is NaN"),
    ],
)
def test_bad_input_is_one_clear_line(change, message):
    with pytest.raises(UserError, match=message) as error:
        summarise(trial(7), **change)
    assert "\n" not in str(error.value)
