"""Each method of systems a and d, trained for moments on synthetic digits."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from solutions.zoo.catalogue import find
from solutions.zoo.known import Known, split
from solutions.zoo.method import Method, Seen
from solutions.zoo.outputs import outputs_of
from solutions.zoo.per_budget import PerBudget
from solutions.zoo.rules import Fixed
from solutions.zoo.systems import a, d
from solutions.zoo.training import Recipe

NAMES = [spec.name for spec in (*a.METHODS, *d.METHODS)]


def strokes(count, seed):
    """Bars: class 0 stands, class 1 lies, class 2 is both; somewhat moved, somewhat noisy."""
    random = torch.Generator().manual_seed(seed)
    images = torch.full((count, 1, 28, 28), -1.0)
    labels = torch.arange(count) % 3
    places = torch.randint(8, 18, (count,), generator=random).tolist()
    for image, label, place in zip(images, labels.tolist(), places, strict=True):
        if label != 1:
            image[0, 4:24, place : place + 3] = 1
        if label != 0:
            image[0, place : place + 3, 4:24] = 1
    noise = 0.1 * torch.rand(images.shape, generator=random)
    return (images + noise).clamp(-1, 1), labels


MOMENTS = Recipe(epochs=4, batch_size=25, rate=4e-3, schedule="one_cycle")


def briefly(training):
    """The network of a training, by a recipe for a few hundred images."""
    if isinstance(training, PerBudget):
        training = training.trainings["default"]
    return replace(training, recipes={"seed": MOMENTS})


@pytest.fixture(scope="module")
def fitted():
    known = Known(*strokes(400, seed=0))
    train, heldout = split(known, 0)
    networks = {
        training.name: briefly(training).fit(train, 0, "seed")
        for training in {find(name).training.name: find(name).training for name in NAMES}.values()
    }
    methods = {}
    for name in NAMES:
        network = networks[find(name).training.name]
        seen = [Seen(outputs_of(network, part.images), part.labels) for part in (train, heldout)]
        methods[name] = Method(find(name)).fit_score(network, *seen)
    return methods


def test_the_methods_are_the_systems():
    assert NAMES == [
        "multitask",
        "multitask_style_content",
        "multitask_baseline",
        "openmax",
        "crosr",
        "crosr_published",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_known_strokes_are_mostly_known_and_scores_finite(fitted, name):
    images, labels = strokes(90, seed=1)
    method = fitted[name]
    assert math.isfinite(method.threshold)
    assert torch.isfinite(method.scores(images)).all()
    assert (method.predict(images) == labels).float().mean() > 0.7


@pytest.mark.parametrize("name", NAMES)
def test_an_image_alone_scores_as_in_a_batch(fitted, name):
    images, _ = strokes(12, seed=2)
    together = fitted[name].scores(images)
    apart = torch.cat([fitted[name].scores(images[[i]]) for i in range(12)])
    torch.testing.assert_close(together, apart, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["multitask", "multitask_style_content"])
def test_system_a_rejects_noise_by_a_fixed_two(fitted, name):
    noise = torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert find(name).rule == Fixed(2.0)
    assert fitted[name].threshold == 2
    assert (fitted[name].predict(noise) == 10).all()


def test_pages_are_short():
    for spec in (*a.METHODS, *d.METHODS):
        assert len(spec.idea) <= 500
        assert spec.source
        assert spec.formula
