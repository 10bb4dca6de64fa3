"""Task 1 in the same process."""

from __future__ import annotations

import torch
from torch import nn

from grader.worker import learning

from .common import RATES, Work, check_gradients, check_repeatable, draw, make, train

ROUNDS = (30, 70, 150, 200)  # the check's own


def _network(work: Work) -> nn.Module:
    return make(work["Autoencoder"], latent_dim=32)


def shapes(work: Work) -> None:
    for count, latent_dim in ((4, 32), (3, 5), (1, 17)):
        network = make(work["Autoencoder"], latent_dim=latent_dim)
        reconstruction, latent = network(draw(count))
        assert latent.shape == network.encode(draw(count)).shape == (count, latent_dim)
        assert reconstruction.shape == network.decode(latent).shape == (count, 1, 28, 28)
    assert make(work["Autoencoder"])(draw())[1].shape == (12, 32)


def range(work: Work) -> None:  # noqa: A001 (the check's name)
    network = _network(work)
    far = torch.randn(16, 32) * 100
    outputs = [network(draw())[0], network.decode(far), network.train()(draw())[0]]
    for output in outputs:
        assert output.abs().max() <= 1
    assert outputs[1].min() < -0.01


def composition(work: Work) -> None:
    network, other, images = _network(work), _network(work), draw()
    reconstruction, latent = network(images)
    assert torch.allclose(network.encode(images), latent, atol=1e-5)
    network.encode(images.flip(0))
    assert torch.allclose(network.decode(latent), reconstruction, atol=1e-5)
    assert torch.allclose(other.decode(latent), reconstruction, atol=1e-4)


def bottleneck(work: Work) -> None:
    network = _network(work)
    with torch.no_grad():
        latent = network.encode(draw())
        assert ((latent.amax(0) - latent.amin(0)) > 0).sum() >= latent.shape[1] / 4
        nudged = latent[:1] + torch.eye(latent.shape[1]) * (1 + latent.abs().max())
        change = (network.decode(nudged) - network.decode(latent[:1])).abs().flatten(1).amax(1)
    assert (change > 0).sum() >= latent.shape[1] / 4


def gradients(work: Work) -> None:
    network = _network(work)
    check_gradients(network, network(draw())[0])


def learns(work: Work) -> None:
    images = draw()
    constant = (images - images.mean(0)).square().mean()
    for rate in RATES:
        network = _network(work)
        for steps in ROUNDS:
            train(network, learning.reconstruction, {"images": images}, steps, rate)
            if (network(images)[0] - images).square().mean() < 0.7 * constant:
                return
    raise AssertionError("it does not learn")


def repeatable(work: Work) -> None:
    check_repeatable(_network(work), draw())


def size(work: Work) -> None:
    assert 0 < sum(p.numel() for p in _network(work).parameters()) <= 2_000_000
