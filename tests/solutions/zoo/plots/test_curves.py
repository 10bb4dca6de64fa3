"""OSCR and ROC pictures."""

from __future__ import annotations

import numpy as np
import pytest

from solutions.errors import UserError
from solutions.zoo.metrics.oscr import oscr_curve
from solutions.zoo.plots.canvas import line_style, per_cent
from solutions.zoo.plots.oscr import plot_oscr
from solutions.zoo.plots.roc import plot_roc
from tests.solutions.zoo.plots.drawn import oscr_curves, roc_curves


@pytest.mark.parametrize("plot", [plot_oscr, plot_roc])
def test_no_method(plot):
    with pytest.raises(UserError, match="there is no method to draw"):
        plot({})


def test_many_methods():
    assert plot_oscr(oscr_curves(14)).startswith(b"\x89PNG")
    assert plot_roc(roc_curves(14)).startswith(b"\x89PNG")


def test_a_title_is_drawn():
    assert plot_roc(roc_curves(1), "letters") != plot_roc(roc_curves(1), "noise")


@pytest.mark.parametrize("correct", [True, False])
def test_curves_without_an_error_and_without_a_hit(correct):
    curve = oscr_curve(np.full(3, correct), [0.0, 0.0, 0.0], [1.0])
    assert plot_oscr({"method": curve}).startswith(b"\x89PNG")


def test_twenty_eight_lines_differ():
    assert len({line_style(index) for index in range(28)}) == 28


@pytest.mark.parametrize(("share", "said"), [(0.001, "0.1%"), (0.2, "20%"), (1e-5, "0.001%")])
def test_ticks_keep_the_digits_that_they_need(share, said):
    assert per_cent(share) == said
