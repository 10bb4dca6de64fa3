"""Histograms of scores."""

from __future__ import annotations

import math

import numpy as np
import pytest

from solutions.errors import UserError
from solutions.zoo.plots.scores import plot_scores
from tests.solutions.zoo.plots.drawn import scores


@pytest.mark.parametrize("threshold", [0.0, 1e6, math.inf, -math.inf])
def test_any_threshold(threshold):
    known, unknown = scores()
    assert plot_scores(known, {"noise": unknown}, threshold).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "known",
    [[0.0], [5.0] * 9, [1.0, 1.0 + 2**-52], [0.0, 1e300], [1e-300, 2e-300], [-1e9, -1e9 - 1]],
)
def test_scores_of_any_spread(known):
    assert plot_scores(known, {"noise": known}, known[0]).startswith(b"\x89PNG")


def test_an_empty_family_is_said_to_be_empty():
    known, unknown = scores()
    both = plot_scores(known, {"letters": unknown, "noise": []}, 1.0)
    assert len(both) > len(plot_scores(known, {"letters": unknown}, 1.0))
    assert plot_scores(known, {"noise": np.empty(0)}, math.inf).startswith(b"\x89PNG")


def test_an_outlier_does_not_squeeze_the_rest():
    known, unknown = np.linspace(0, 1, 1000), np.linspace(1, 2, 1000)
    far, farther = (np.append(unknown[:-1], last) for last in (3, 1e9))
    assert plot_scores(known, {"a": far}, 1.0) == plot_scores(known, {"a": farther}, 1.0)


@pytest.mark.parametrize(
    ("known", "unknown", "threshold", "message"),
    [
        ([], {"noise": [1.0]}, 0.0, "known images: there are none"),
        ([0.0], {}, 0.0, "at least one family"),
        ([0.0], {"noise": [np.nan]}, 0.0, "scores of noise are NaN or infinite"),
        ([0.0], {"noise": [[1.0]]}, 0.0, r"noise are one an image, \(N,\), not \(1, 1\)"),
        ([0.0], {"noise": [1.0]}, math.nan, "threshold is NaN"),
    ],
)
def test_bad_input(known, unknown, threshold, message):
    with pytest.raises(UserError, match=message):
        plot_scores(known, unknown, threshold)
