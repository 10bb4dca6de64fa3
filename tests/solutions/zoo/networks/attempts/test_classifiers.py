"""The convolutional classifiers: the figures' layers and outputs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from solutions.zoo.networks.attempts.classifiers import (
    four_convolutions,
    six_convolutions,
    two_convolutions,
)

ALL = [two_convolutions, four_convolutions, six_convolutions]


def convolution(into, out):
    """3 x 3 with biases, and the two rows of weights of its batch norm."""
    return 9 * into * out + out + 2 * out


FIGURE_18 = (
    convolution(1, 32) + convolution(32, 64) + (3136 * 128 + 128 + 2 * 128) + (128 * 11 + 11)
)
FIGURE_21 = (
    convolution(1, 32)
    + convolution(32, 32)
    + convolution(32, 64)
    + convolution(64, 128)
    + (6272 * 512 + 512 + 2 * 512)
    + (512 * 128 + 128 + 2 * 128)
    + (128 * 11 + 11)
)
SIX = (
    convolution(1, 32)
    + convolution(32, 32)
    + convolution(32, 64)
    + convolution(64, 64)
    + convolution(64, 128)
    + convolution(128, 128)
    + (1152 * 128 + 128 + 2 * 128)
    + (128 * 11 + 11)
)


@pytest.mark.parametrize(
    ("build", "expected"),
    [(two_convolutions, FIGURE_18), (four_convolutions, FIGURE_21), (six_convolutions, SIX)],
)
def test_it_has_the_parameters_of_the_figure(build, expected):
    assert sum(weights.numel() for weights in build(10).parameters()) == expected


@pytest.mark.parametrize(
    ("build", "convolutions", "linears"),
    [(two_convolutions, 2, 2), (four_convolutions, 4, 3), (six_convolutions, 6, 2)],
)
def test_it_has_the_layers_that_the_report_counts(build, convolutions, linears):
    kinds = [type(layer) for layer in build(10).modules()]
    assert (kinds.count(nn.Conv2d), kinds.count(nn.Linear)) == (convolutions, linears)


@pytest.mark.parametrize("build", ALL)
def test_it_says_logits_of_the_known_and_one_of_the_unknown(build):
    network = build(6).eval()
    images = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    outputs = network(images)
    shapes = {name: tuple(value.shape) for name, value in outputs.items()}
    assert shapes == {"embedding": (3, 128), "logits": (3, 6), "unknown_logit": (3,)}


@pytest.mark.parametrize("build", ALL)
def test_an_image_is_judged_alone_in_evaluation_mode(build):
    network = build(10).eval()
    images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    alone = torch.cat([network(image[None])["logits"] for image in images])
    assert torch.allclose(network(images)["logits"], alone, atol=1e-5)
