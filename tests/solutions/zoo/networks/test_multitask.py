"""System a's networks against the tables of its report."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from solutions.zoo.networks.multitask import BaselineClassifier, MultitaskAutoencoder

AUTOENCODER = (
    ("Conv2d", (16, 28, 28), 160),
    ("BatchNorm2d", (16, 28, 28), 32),
    ("MaxPool2d", (16, 14, 14), 0),
    ("Conv2d", (32, 14, 14), 4640),
    ("BatchNorm2d", (32, 14, 14), 64),
    ("MaxPool2d", (32, 7, 7), 0),
    ("Linear", (128,), 200832),
    ("Linear", (1568,), 202272),
    ("ConvTranspose2d", (16, 7, 7), 4624),
    ("BatchNorm2d", (16, 7, 7), 32),
    ("Upsample", (16, 14, 14), 0),
    ("ConvTranspose2d", (1, 14, 14), 145),
    ("Upsample", (1, 28, 28), 0),
)
BASELINE = (
    ("Conv2d", (64, 28, 28), 1664),
    ("Conv2d", (32, 14, 14), 18464),
    ("Linear", (256,), 8448),
    ("Linear", (10,), 2570),
    ("LogSoftmax", (10,), 0),
)
# What the report calls as functions, or does not count as a layer of its own.
UNLISTED = (nn.ReLU, nn.Flatten, nn.Unflatten, nn.AdaptiveAvgPool2d)


def layers(network, modules):
    """Kind, output shape and parameters of each layer, in the order in which they are called."""
    rows, hooks = [], []

    def note(module, _, output):
        count = sum(p.numel() for p in module.parameters())
        rows.append((type(module).__name__, tuple(output.shape[1:]), count))

    for module in modules:
        if not list(module.children()) and not isinstance(module, UNLISTED):
            hooks.append(module.register_forward_hook(note))
    network.train()(torch.zeros(2, 1, 28, 28))
    for hook in hooks:
        hook.remove()
    return tuple(rows)


def parameters(*modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def test_the_autoencoder_is_the_tables():
    network = MultitaskAutoencoder(10)
    parts = [*network.encoder.modules(), *network.decoder.modules()]
    assert layers(network, parts) == AUTOENCODER
    assert parameters(network.encoder, network.decoder) == 412_801
    assert parameters(network.classifier) == 1_290


def test_the_baseline_is_the_tables():
    network = BaselineClassifier(10)
    assert layers(network, network.modules()) == BASELINE
    assert parameters(network) == 31_146


@pytest.mark.parametrize("classes", [6, 10])
def test_outputs_have_their_shapes(classes):
    images = torch.rand(3, 1, 28, 28)
    outputs = MultitaskAutoencoder(classes).eval()(images)
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "logits": (3, classes),
        "embedding": (3, 128),
        "reconstruction": (3, 1, 28, 28),
        "reconstruction_code": (3, 128),
    }
    assert "reconstruction_code" not in MultitaskAutoencoder(classes).train()(images)
    assert BaselineClassifier(classes)(images)["logits"].shape == (3, classes)


def test_the_reconstructions_code_is_the_encoders():
    network = MultitaskAutoencoder(10).eval()
    outputs = network(torch.rand(2, 1, 28, 28))
    again = network(outputs["reconstruction"])["embedding"]
    torch.testing.assert_close(outputs["reconstruction_code"], again)


def test_the_baselines_logits_are_not_softmaxed():
    outputs = BaselineClassifier(10)(torch.rand(4, 1, 28, 28))
    assert not torch.allclose(outputs["logits"].exp().sum(dim=1), torch.ones(4), atol=1e-2)
    torch.testing.assert_close(outputs["logits"].log_softmax(dim=1), outputs["log_probabilities"])
