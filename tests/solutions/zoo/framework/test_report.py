"""What a run reports agrees with a loop over pairs, and says where a score is reversed."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from solutions.zoo.framework.pictures import embeddings
from solutions.zoo.framework.report import lines, metrics_of
from solutions.zoo.framework.results import Results

CALIBRATION = {"temperature": 1.0, "test_ece_before": 0.1, "test_ece_after": 0.1}


def results(threshold: float = 0.5, sign: float = 1.0) -> Results:
    """Known images of the digits 3 and 7; near and far ones unknown, dark to the floor."""
    random = np.random.default_rng(0)
    middles = np.repeat([0.0, 0.3, 2.0], [30, 20, 10])
    scores = sign * (middles + random.normal(0, 0.4, 60))
    labels = np.where(middles > 0, 10, np.arange(60) % 2)
    return Results(
        labels=labels,
        closed_set=np.arange(60) % 2,
        scores=scores,
        brightness=-middles,
        families=np.repeat(["known", "near", "far"], [30, 20, 10]),
        embeddings=random.normal(size=(60, 4)).astype(np.float32),
        threshold=threshold,
        classes=(3, 7),
    )


def test_metrics_agree_with_pairs() -> None:
    found = results()
    metrics = json.loads(json.dumps(metrics_of(found), allow_nan=False))
    known = found.scores[:30]
    for name, rows in {"near": slice(30, 50), "far": slice(50, 60)}.items():
        family = metrics["families"][name]
        unknown = found.scores[rows]
        assert family["auroc"] == pytest.approx((unknown[:, None] > known).mean(), abs=1e-12)
        assert family["unknown_accuracy"] == pytest.approx((unknown > 0.5).mean(), abs=1e-12)
        assert family["auroc_of_brightness"] == 0  # a SignWarning would have been an error here
    assert metrics["closed_set_accuracy"] == 1
    assert metrics["known_rejection"] == pytest.approx((known > 0.5).mean(), abs=1e-12)
    assert (metrics["known_images"], metrics["unknown_images"]) == (30, 30)


def test_a_threshold_that_rejects_nothing_is_no_number() -> None:
    metrics = metrics_of(results(math.inf))
    assert metrics["threshold"] is None
    assert metrics["unknown_accuracy"] == 0


def test_a_reversed_score_is_told_of() -> None:
    for sign in (1, -1):
        metrics = {"calibration": CALIBRATION, **metrics_of(results(sign=sign))}
        told = [line for line in lines(metrics) if "sign of the score reversed" in line]
        assert len(told) == (0 if sign == 1 else 2)


def test_arrays_hold_every_score_once() -> None:
    found = results()
    arrays = found.arrays()
    parts = [arrays["known_scores"], arrays["unknown_near"], arrays["unknown_far"]]
    assert np.array_equal(np.concatenate(parts), found.scores)
    assert np.array_equal(arrays["unknown_brightness_far"], found.brightness[50:])


def test_embeddings_are_drawn_as_the_digits_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    where = "solutions.zoo.framework.pictures.plot_embeddings"
    monkeypatch.setattr(where, lambda points, labels, *_: drawn.append(set(labels)) or b"")
    found = results()
    before = found.labels.copy()
    embeddings(found, 60, 0, "")
    assert drawn == [{3, 7, 10}]
    assert np.array_equal(found.labels, before)
