"""Confusion matrices."""

from __future__ import annotations

import numpy as np
import pytest

from solutions.errors import UserError
from solutions.zoo.plots.confusion import _names, _per_cent, plot_confusion


def test_classes_are_named():
    assert _names(2) == ["known", "unknown"]
    assert _names(4) == ["0", "1", "2", "unknown"]
    names = ["airplane", "automobile", "unknown"]
    assert plot_confusion(np.eye(3), names) != plot_confusion(np.eye(3))


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0"), (1, "100"), (0.0001, "<.1"), (0.9999, ">99.9"), (0.256, "25.6")]
)
def test_shares_are_not_rounded_to_all_or_nothing(share, said):
    assert _per_cent(share) == said


def test_a_class_without_an_image():
    assert plot_confusion([[5, 0], [0, 0]], shares=True).startswith(b"\x89PNG")
    assert plot_confusion(np.zeros((11, 11), int)).startswith(b"\x89PNG")


def test_counts_and_shares_differ():
    assert plot_confusion([[5, 5], [0, 9]]) != plot_confusion([[5, 5], [0, 9]], shares=True)


@pytest.mark.parametrize(
    ("counts", "names", "message"),
    [
        ([[1, 2, 3]], [], r"not \(1, 3\)"),
        ([1, 2], [], r"not \(2,\)"),
        ([[1, -2], [0, 1]], [], "negative or NaN"),
        ([[1, 2], [0, 1]], ["one"], "2 classes and 1 names"),
    ],
)
def test_bad_input(counts, names, message):
    with pytest.raises(UserError, match=message):
        plot_confusion(counts, names)
