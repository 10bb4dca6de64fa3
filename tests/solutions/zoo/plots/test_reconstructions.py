"""Reconstructions beside originals."""

from __future__ import annotations

import numpy as np
import pytest

from solutions.errors import UserError
from solutions.zoo.plots.reconstructions import Reconstructed, plot_reconstructions, verdict
from tests.solutions.zoo.plots.drawn import reconstructed


def test_families_of_any_number_size_and_colour():
    families = {
        "digits": reconstructed(3),
        "CIFAR-10": reconstructed(2, channels=3, side=32),
        "noise": reconstructed(0),
    }
    assert plot_reconstructions(families).startswith(b"\x89PNG")
    assert plot_reconstructions({"noise": reconstructed(0)}).startswith(b"\x89PNG")


def test_twelve_images_of_a_family_are_drawn():
    many = reconstructed(40)
    first = Reconstructed(
        many.images[:12], many.reconstructions[:12], many.predictions[:12], many.labels[:12]
    )
    assert plot_reconstructions({"a": many}) == plot_reconstructions({"a": first})


def test_values_outside_the_range_are_clipped():
    wild = reconstructed(2)
    wild.reconstructions[0] = np.nan
    wild.reconstructions[1] = 7
    assert plot_reconstructions({"digits": wild}).startswith(b"\x89PNG")


def test_wrong_predictions_say_what_is_true():
    assert [verdict(3, 3), verdict(10, 10)] == ["3", "unknown"]
    assert [verdict(10, 3), verdict(4, 10)] == ["unknown\nis 3", "4\nis unknown"]


def test_bad_input():
    good = reconstructed(2)
    with pytest.raises(UserError, match="no family"):
        plot_reconstructions({})
    with pytest.raises(UserError, match=r"not \(2, 8, 8\)"):
        Reconstructed(good.images[:, 0], good.reconstructions[:, 0], good.labels, good.labels)
    with pytest.raises(UserError, match="1 or 3 channels"):
        Reconstructed(good.images, good.reconstructions[:1], good.labels, good.labels)
    with pytest.raises(UserError, match="as many predictions"):
        Reconstructed(good.images, good.reconstructions, good.labels[:1], good.labels)
