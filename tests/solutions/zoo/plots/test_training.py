"""Accuracies and losses over a training."""

from __future__ import annotations

import math

import pytest

from solutions.errors import UserError
from solutions.zoo.plots.training import plot_training


@pytest.mark.parametrize("epochs", [[1], [5, 10, 20], list(range(1, 61))])
def test_any_number_of_epochs(epochs):
    shares = [1 - 0.5 / epoch for epoch in epochs]
    losses = [1 / epoch for epoch in epochs]
    assert plot_training(epochs, {"known": shares}, {"loss": losses}).startswith(b"\x89PNG")


def test_one_panel_alone():
    both = plot_training([1, 2], {"known": [0, 1]}, {"loss": [2, 1]})
    for alone in (
        plot_training([1, 2], {"known": [0, 1]}, {}),
        plot_training([1, 2], {}, {"loss": [2, 1]}),
    ):
        assert len(alone) < len(both)


def test_a_series_that_was_never_measured():
    nothing = [math.nan, math.nan]
    assert plot_training([1, 2], {"known": nothing}, {"loss": nothing}).startswith(b"\x89PNG")


def test_losses_may_be_negative_or_infinite():
    assert plot_training([1, 2, 3], {}, {"loss": [math.inf, -4, -5]}).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("epochs", "accuracies", "losses", "message"),
    [
        ([], {"known": []}, {}, "epochs rise"),
        ([2, 1], {"known": [0, 1]}, {}, "epochs rise"),
        ([1, 2], {}, {}, "no accuracy and no loss"),
        ([1, 2], {"known": [0.5]}, {}, r"accuracy 'known' has the shape \(1,\) for 2 epochs"),
        ([1, 2], {"known": [97, 98]}, {}, "is a share, from 0 to 1"),
        ([1, 2], {}, {"loss": [1, 2, 3]}, r"loss 'loss' has the shape \(3,\)"),
    ],
)
def test_bad_input(epochs, accuracies, losses, message):
    with pytest.raises(UserError, match=message):
        plot_training(epochs, accuracies, losses)
