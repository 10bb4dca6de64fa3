"""The assignment's networks under the zoo's loop, in float32 and in bfloat16."""

from __future__ import annotations

import pytest
import torch

from solutions.zoo.networks.class_conditional import ClassConditional, conditioned_loss
from solutions.zoo.networks.open_set_lab import OpenSetLab, assignment_loss

from ..known_images import bars


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize(
    ("build", "objective"), [(OpenSetLab, assignment_loss), (ClassConditional, conditioned_loss)]
)
def test_every_weight_gets_a_finite_gradient(build, objective, bf16):
    torch.manual_seed(0)
    network, known = build(4), bars(20)
    generator = torch.Generator().manual_seed(0)
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = objective(network, known.images, known.labels, generator)
    loss.backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name


def test_an_image_is_redrawn_as_the_class_that_is_asked_for():
    torch.manual_seed(0)
    network, images = ClassConditional(4).eval(), bars(6).images
    likeliest = network(images)["logits"].argmax(dim=1)
    with torch.inference_mode():
        outputs = network(images)
        torch.testing.assert_close(
            outputs["reconstruction"], network.reconstruct(images, likeliest)
        )
        other = network.reconstruct(images, (likeliest + 1) % 4)
    assert not torch.allclose(other, outputs["reconstruction"])
