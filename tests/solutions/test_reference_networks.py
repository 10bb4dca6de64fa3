"""The two networks: shapes, ranges, what leads where, and whether they learn."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from solutions.reference.autoencoder import Autoencoder
from solutions.reference.classifier import Classifier


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture
def images():
    return torch.rand(6, 1, 28, 28) * 2 - 1


@pytest.mark.parametrize("latent_dim", [1, 2, 32, 100])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_autoencoder_shapes(latent_dim, count):
    autoencoder = Autoencoder(latent_dim).eval()
    reconstruction, latent = autoencoder(torch.zeros(count, 1, 28, 28))
    assert reconstruction.shape == (count, 1, 28, 28)
    assert latent.shape == (count, latent_dim)
    assert reconstruction.dtype == latent.dtype == torch.float32


def test_defaults():
    assert Autoencoder()(torch.zeros(2, 1, 28, 28))[1].shape == (2, 32)
    logits, embedding = Classifier()(torch.zeros(2, 1, 28, 28))
    assert logits.shape == (2, 10)
    assert embedding.shape == (2, 64)


def test_reconstructions_lie_in_range_for_any_latent():
    drawn = Autoencoder().eval().decode(torch.randn(20, 32) * 1e4)
    assert drawn.abs().max() <= 1


def test_the_decoder_sees_the_latent_alone(images):
    autoencoder = Autoencoder().eval()
    reconstruction, latent = autoencoder(images)
    assert torch.equal(latent, autoencoder.encode(images))
    assert torch.equal(reconstruction, autoencoder.decode(latent))


def test_the_autoencoder_is_small_enough():
    assert sum(parameter.numel() for parameter in Autoencoder().parameters()) <= 2_000_000


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (10, 64), (7, 12)])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_classifier_shapes(classes, dimension, count):
    logits, embedding = Classifier(classes, dimension).eval()(torch.zeros(count, 1, 28, 28))
    assert logits.shape == (count, classes)
    assert embedding.shape == (count, dimension)


def test_logits_are_raw(images):
    logits, _ = Classifier()(images)
    assert logits.min() < 0 < logits.max()
    assert (logits.sum(dim=1) - 1).abs().min() > 1e-3
    assert logits.exp().sum(dim=1).sub(1).abs().min() > 1e-3


def test_logits_are_computed_from_the_embedding_alone(images):
    """Backward from the logits, nothing reaches the features but through the embedding."""
    classifier = Classifier()
    logits, embedding = classifier(images)
    (through,) = torch.autograd.grad(logits.sum(), embedding, retain_graph=True)
    features = [p for name, p in classifier.named_parameters() if name.startswith("features")]
    direct = torch.autograd.grad(logits.sum(), features, retain_graph=True)
    chained = torch.autograd.grad(embedding, features, through)
    for one, other in zip(direct, chained, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("network", [Autoencoder, Classifier])
def test_every_parameter_learns(network, images):
    network = network()
    first, second = network(images)
    (first.square().sum() + second.square().sum()).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


@pytest.mark.parametrize("network", [Autoencoder, Classifier])
def test_in_eval_mode_an_image_does_not_see_its_batch(network, images):
    network = network().eval()
    for together, alone in zip(network(images), network(images[:1]), strict=True):
        torch.testing.assert_close(together[:1], alone)


def test_a_few_images_are_learnt_by_heart(images):
    autoencoder, classifier = Autoencoder(), Classifier()
    parameters = [*autoencoder.parameters(), *classifier.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    labels = torch.arange(6)
    for _ in range(60):
        optimizer.zero_grad()
        reconstruction, _ = autoencoder(images)
        logits, _ = classifier(images)
        loss = F.mse_loss(reconstruction, images) + F.cross_entropy(logits, labels)
        loss.backward()
        optimizer.step()
    assert F.mse_loss(reconstruction, images) < 0.1 * images.var()
    assert (logits.argmax(dim=1) == labels).all()
