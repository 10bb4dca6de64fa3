"""The hierarchical reconstruction network: shapes, and which part learns from which loss."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from solutions.zoo.networks.dhr import _doubled, large_dhr, small_dhr


@pytest.mark.parametrize("build", [small_dhr, large_dhr])
@pytest.mark.parametrize("classes", [6, 10])
def test_outputs_have_their_shapes(build, classes):
    outputs = build(classes).eval()(torch.rand(2, 1, 28, 28))
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "logits": (2, classes),
        "z1": (2, 32),
        "z2": (2, 32),
        "z3": (2, 32),
        "latents": (2, 96),
        "embedding": (2, classes + 96),
        "reconstruction": (2, 1, 28, 28),
    }
    joined = torch.cat([outputs["logits"], outputs["latents"]], dim=1)
    assert torch.equal(outputs["embedding"], joined)


@pytest.mark.parametrize(("build", "width"), [(small_dhr, (24, 48, 64)), (large_dhr, (100,) * 3)])
def test_stages_have_the_sides_that_the_decoder_expects(build, width):
    network = build(10).eval()
    feature = torch.rand(1, 1, 28, 28)
    for stage, channels, side in zip(network.stages, width, (14, 7, 3), strict=True):
        feature = stage(feature)
        assert feature.shape == (1, channels, side, side)


def test_latents_are_the_maxima_of_their_maps():
    network = small_dhr(10).eval()
    images = torch.rand(2, 1, 28, 28)
    first = network.squeeze[0](network.stages[0](images))
    expected = first.flatten(2).max(dim=2).values
    outputs = network(images)
    torch.testing.assert_close(outputs["z1"], expected)
    joined = torch.cat([outputs[name] for name in ("z1", "z2", "z3")], dim=1)
    assert torch.equal(outputs["latents"], joined)
    assert (joined >= 0).all()


def test_reconstruction_reaches_every_stage_and_not_the_classifier():
    network = small_dhr(10)
    network(torch.rand(8, 1, 28, 28))["reconstruction"].square().mean().backward()
    for part in (network.stages, network.squeeze, network.restore, network.decode):
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in part.parameters())
    assert all(p.grad is None for p in (*network.hidden.parameters(), *network.head.parameters()))


def test_classification_does_not_pass_through_the_bottlenecks():
    network = small_dhr(10)
    network(torch.rand(8, 1, 28, 28))["logits"].square().mean().backward()
    for part in (network.squeeze, network.restore, network.decode):
        assert all(p.grad is None for p in part.parameters())


def test_doubling_is_a_transposed_convolution():
    doubled = _doubled(3, 2, missing=1)
    twin = nn.ConvTranspose2d(3, 2, 2, stride=2, output_padding=1, bias=False)
    with torch.no_grad():
        doubled[0].bias.zero_()
        # (4 · 2, 3, 1, 1), the four places of a channel side by side -> (3, 2, 2, 2)
        twin.weight.copy_(doubled[0].weight.view(2, 2, 2, 3).permute(3, 0, 1, 2))
    maps = torch.rand(2, 3, 3, 3)
    assert doubled(maps).shape == (2, 2, 7, 7)
    torch.testing.assert_close(doubled(maps), twin(maps))
