"""Task 2 in the same process."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from grader import oracles
from grader.worker import learning

from .common import RATES, Work, check_gradients, check_repeatable, draw, make, train

# The checks' own
ROUNDS, SPREADING = (30, 70, 100, 100), (40, 60)
BEYOND, FLAT = 1.5, 0.05


def _network(work: Work, embedding_dim: int = 64) -> nn.Module:
    return make(work["Classifier"], num_classes=10, embedding_dim=embedding_dim)


def _labels(count: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).permutation(np.arange(count) % 10))


def shapes(work: Work) -> None:
    for count, classes, dimension in ((4, 10, 64), (3, 7, 12), (1, 10, 5)):
        network = make(work["Classifier"], num_classes=classes, embedding_dim=dimension)
        logits, embedding = network(draw(count))
        assert logits.shape == (count, classes)
        assert embedding.shape == (count, dimension)
    logits, embedding = make(work["Classifier"])(draw())
    assert (logits.shape, embedding.shape) == ((12, 10), (12, 64))


def raw_logits(work: Work) -> None:
    network, images = _network(work), draw()
    batch = {"images": images, "labels": _labels(len(images))}
    with torch.no_grad():
        before = network(images)[0]
    for steps in SPREADING:
        train(network, learning.classification, batch, steps, RATES[0])
        with torch.no_grad():
            after = network(images)[0]
        if -after.min() > max(BEYOND, 2 * FLAT * after.max()):
            break
    assert (before.sum(1) - 1).abs().max() > 1e-3 or before.min() < 0, "softmaxed"
    assert (before.exp().sum(1) - 1).abs().max() > 1e-3, "log-softmaxed"
    assert after.abs().max() > 1, "squashed"
    assert -after.min() > FLAT * after.max(), "an activation after the last layer"


def logits_from_embedding(work: Work) -> None:
    network = _network(work, embedding_dim=24)
    for image in draw(2):
        jacobians = []
        for output in (0, 1):
            jacobian = torch.autograd.functional.jacobian(
                lambda pixels, output=output: network(pixels[None])[output][0], image
            )
            jacobians.append(jacobian.flatten(1).numpy())
        assert np.abs(jacobians[0]).max() > 0
        assert oracles.row_space_residual(*jacobians) < 1e-2


def gradients(work: Work) -> None:
    network = _network(work)
    check_gradients(network, network(draw())[0])


def learns(work: Work) -> None:
    images = draw()
    batch = {"images": images, "labels": _labels(len(images))}
    for rate in RATES:
        network = _network(work)
        for steps in ROUNDS:
            train(network, learning.classification, batch, steps, rate)
            if (network(images)[0].argmax(1) == batch["labels"]).sum() >= len(images) - 1:
                return
    raise AssertionError("it does not learn")


def repeatable(work: Work) -> None:
    check_repeatable(_network(work), draw())
