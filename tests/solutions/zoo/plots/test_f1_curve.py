"""Macro-F1 against the strictness of the threshold."""

from __future__ import annotations

import pytest

from solutions.errors import UserError
from solutions.zoo.plots.f1_curve import plot_f1_curves

REJECTED = (0.01, 0.02, 0.05)


def test_a_panel_a_family_and_the_same_bytes_twice():
    families = {"noise": {"a": [0.5, 0.6, 0.7], "b": [0.9, 0.8, 0.7]}, "letters": {"a": [1, 1, 1]}}
    drawn = plot_f1_curves(REJECTED, families, "title")
    assert drawn.startswith(b"\x89PNG")
    assert drawn == plot_f1_curves(REJECTED, families, "title")


@pytest.mark.parametrize("families", [{}, {"noise": {}}, {"noise": {"a": [0.5]}}])
def test_what_cannot_be_drawn_is_said(families):
    with pytest.raises(UserError, match=r"no curve|1 values for 3"):
        plot_f1_curves(REJECTED, families, "title")
