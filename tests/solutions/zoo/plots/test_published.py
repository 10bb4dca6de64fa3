"""Results against published numbers."""

from __future__ import annotations

import math

import pytest

from solutions.errors import UserError
from solutions.zoo.plots.published import Result, plot_published
from tests.solutions.zoo.plots.drawn import results


def test_rows_are_ordered_by_value_not_by_input():
    rows = results()
    assert plot_published(rows, "F1") == plot_published([rows[1], rows[0], rows[2]], "F1")


def test_one_number():
    assert plot_published(results()[:1], "AUROC, %", decimals=1).startswith(b"\x89PNG")


def test_equal_numbers():
    same = [Result("noise", name, "", 1.0, ours=True, spread=0.0) for name in "ab"]
    assert plot_published(same, "AUROC").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": math.nan}, "result of theirs on noise is nan"),
        ({"spread": -1.0}, "spread of theirs on noise is -1"),
        ({"spread": math.inf}, "spread of theirs on noise is inf"),
        ({"source": " "}, "published result of theirs on noise has no source"),
    ],
)
def test_bad_numbers(change, message):
    good = {"group": "noise", "method": "theirs", "source": "a paper", "value": 0.8, "ours": False}
    with pytest.raises(UserError, match=message):
        Result(**{**good, **change})


def test_no_number():
    with pytest.raises(UserError, match="no result to draw for F1"):
        plot_published([], "F1")
