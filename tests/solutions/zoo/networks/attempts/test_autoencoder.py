"""The autoencoder of attempts 1 to 4: the figures' layers, and what the decoder may see."""

from __future__ import annotations

import pytest
import torch

from solutions.errors import UserError
from solutions.zoo.networks.attempts.autoencoder import ConvAutoencoder, Features

# weights + biases, layer by layer, of Figures 1 and 12, without the layers that touch the code
ENCODER = (25 * 7 + 7) + (7 * 49 * 14 + 14) + (14 * 25 * 14 + 14) + (2744 * 512 + 512)
SPREAD = 512 * 2744 + 2744
PLAIN_DRAWING = (14 * 9 * 7 + 7) + (7 * 9 * 1 + 1)
SKIP_DRAWING = (28 * 9 * 7 + 7) + (14 * 9 * 1 + 1)  # twice the channels come in


def parameters(network):
    return sum(weights.numel() for weights in network.parameters())


def some_images(count=3):
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize("code", [8, 150])
@pytest.mark.parametrize(("skips", "drawing"), [(False, PLAIN_DRAWING), (True, SKIP_DRAWING)])
def test_it_has_the_parameters_of_the_figures(code, skips, drawing):
    about_code = (512 * code + code) + (code * 512 + 512)
    network = ConvAutoencoder(code, skips)
    assert parameters(network) == ENCODER + SPREAD + drawing + about_code


@pytest.mark.parametrize("skips", [False, True])
def test_it_says_a_reconstruction_and_a_code(skips):
    outputs = ConvAutoencoder(16, skips)(some_images())
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "reconstruction": (3, 1, 28, 28),
        "code": (3, 16),
    }
    assert outputs["reconstruction"].abs().max() <= 1


def maps_of(network):
    features = network.encoder(some_images())
    other = network.encoder(-some_images())
    return features, other


def test_without_skips_the_decoder_sees_the_code_alone():
    network = ConvAutoencoder(16, skips=False)
    features, other = maps_of(network)
    swapped = Features(other.first, other.second, other.third, features.code)
    assert torch.equal(network.decoder(swapped), network.decoder(features))


@pytest.mark.parametrize(("skipped", "seen"), [("first", True), ("second", True), ("third", False)])
def test_with_skips_it_sees_the_first_two_maps_as_well(skipped, seen):
    network = ConvAutoencoder(16, skips=True)
    features, other = maps_of(network)
    swapped = features._replace(**{skipped: getattr(other, skipped)})
    same = torch.equal(network.decoder(swapped), network.decoder(features))
    assert same is not seen


def test_images_of_another_size_are_refused_in_one_line():
    with pytest.raises(UserError, match=r"take images \(N, 1, 28, 28\), not \(2, 3, 32, 32\)"):
        ConvAutoencoder(16)(torch.zeros(2, 3, 32, 32))
