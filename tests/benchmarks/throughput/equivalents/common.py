"""What the checks of several tasks need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from grader.strokes import draw_strokes
from grader.worker.learning import Objective, minimise

Work = dict[str, Any]  # the names that a submission's notebook defines, and WEIGHTS and TRIAL
IMAGES = 12
RATES = (3e-3, 3e-4)


def draw(count: int = IMAGES) -> Tensor:
    """Images (count, 1, 28, 28) float32 in [-1, 1]."""
    return torch.from_numpy(draw_strokes(np.random.default_rng(0), count))


def make(kind: Callable[..., nn.Module], **sizes: int) -> nn.Module:
    """A network in evaluation mode, the same each time."""
    torch.manual_seed(0)
    return kind(**sizes).eval()


def train(
    network: nn.Module, objective: Objective, batch: dict[str, Tensor], steps: int, rate: float
) -> None:
    """So many steps, and evaluation mode again."""
    minimise(network, objective, batch, steps, rate)
    network.eval()


def check_gradients(network: nn.Module, output: Tensor) -> None:
    """Every parameter is trainable and gets a gradient from the output."""
    assert any(True for _ in network.parameters()), "no parameters"
    output.square().mean().backward()
    missed = [name for name, p in network.named_parameters() if p.grad is None]
    assert not missed, f"no gradient for {missed}"
    frozen = [name for name, p in network.named_parameters() if not p.requires_grad]
    assert not frozen, f"{frozen} cannot be trained"


def check_repeatable(network: nn.Module, images: Tensor) -> None:
    """One image, one answer, and the images are left as they were."""
    before = images.clone()
    with torch.no_grad():
        first = network(images)[0]
        assert torch.equal(images, before), "the images were changed"
        assert torch.allclose(network(images)[0], first, atol=1e-5), "two calls, two answers"
        for k in range(3):
            alone = network(images[k : k + 1])[0]
            assert torch.allclose(alone, first[k : k + 1], atol=1e-4), "depends on the batch"
    assert (first - first[:1]).abs().max() > 0, "one answer for all images"
