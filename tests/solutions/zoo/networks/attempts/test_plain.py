"""The plain autoencoder of Figure 24."""

from __future__ import annotations

import torch

from solutions.zoo.networks.attempts.plain import PlainAutoencoder


def some_images(count):
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_it_has_the_parameters_of_the_figure():
    encoder = (9 * 16 + 16 + 32) + (9 * 16 * 4 + 4 + 8) + 2 * 196 + (196 * 32 + 32)
    decoder = (32 * 196 + 196) + 2 * 196 + (4 * 4 * 16 + 16 + 32) + (16 * 4 * 1 + 1)
    network = PlainAutoencoder(32)
    assert sum(weights.numel() for weights in network.parameters()) == encoder + decoder == 14_705


def test_it_draws_from_the_code_alone():
    network = PlainAutoencoder(8).eval()
    outputs = network(some_images(3))
    assert outputs["code"].shape == (3, 8)
    assert outputs["reconstruction"].shape == (3, 1, 28, 28)
    assert outputs["reconstruction"].abs().max() <= 1
    assert torch.equal(network.decoder(outputs["code"]), outputs["reconstruction"])


def test_an_image_is_redrawn_alone_in_evaluation_mode():
    network, images = PlainAutoencoder(8).eval(), some_images(4)
    alone = torch.cat([network(image[None])["reconstruction"] for image in images])
    assert torch.allclose(network(images)["reconstruction"], alone, atol=1e-5)
