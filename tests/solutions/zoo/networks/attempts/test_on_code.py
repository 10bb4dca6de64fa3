"""The heads on the autoencoder's features."""

from __future__ import annotations

import pytest
import torch

from solutions.zoo.networks.attempts.autoencoder import ConvAutoencoder, Features
from solutions.zoo.networks.attempts.on_code import CodeClassifier, CodeHead, SkipHead


def parameters(network):
    return sum(weights.numel() for weights in network.parameters())


def some_features(code=16):
    draw = torch.Generator().manual_seed(0)
    shapes = (2, 7, 28, 28), (2, 14, 14, 14), (2, 14, 14, 14), (2, code)
    return Features(*(torch.randn(*shape, generator=draw) for shape in shapes))


def test_the_linear_head_is_one_layer_with_a_logit_for_unknown():
    assert parameters(CodeHead(150, 10)) == 150 * 11 + 11
    assert CodeHead(16, 6)(some_features()).shape == (2, 7)


def test_the_skip_head_reduces_its_channels_to_the_size_of_the_code():
    reduction = (16 + 7 + 14 + 14) * 14 + 14
    back = 14 * 14 * 14 * 16 + 16
    assert parameters(SkipHead(16, 10)) == reduction + back + 16 * 11 + 11
    assert SkipHead(16, 6)(some_features()).shape == (2, 7)


@pytest.mark.parametrize("name", Features._fields)
@pytest.mark.parametrize(
    ("head", "seen"), [(CodeHead, {"code"}), (SkipHead, set(Features._fields))]
)
def test_a_head_sees_the_features_that_it_should(name, head, seen):
    network, features = head(16, 10), some_features()
    changed = features._replace(**{name: getattr(features, name) + 1})
    assert torch.equal(network(changed), network(features)) is (name not in seen)


def test_the_whole_says_everything_of_one_pass():
    network = CodeClassifier(ConvAutoencoder(16), CodeHead(16, 6))
    images = torch.zeros(4, 1, 28, 28)
    outputs = network(images)
    shapes = {name: tuple(value.shape) for name, value in outputs.items()}
    assert shapes == {
        "reconstruction": (4, 1, 28, 28),
        "code": (4, 16),
        "embedding": (4, 16),
        "logits": (4, 6),
        "unknown_logit": (4,),
    }
    assert torch.equal(outputs["reconstruction"], network.autoencoder(images)["reconstruction"])
