"""The combined detector: each image by itself, the seed alone, the sum by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor

from solutions.zoo.combined.detector import Detector, fit, parts_of
from solutions.zoo.combined.moments import normalise
from solutions.zoo.combined.training import OutlierRecipe
from solutions.zoo.known import Known

QUICK = OutlierRecipe(steps=3, digits=16, outliers=16)


def bars(count: int) -> tuple[Tensor, Tensor]:
    """Upright bars of class 0 and level ones of class 1, each a little aside of the last."""
    images = torch.full((count, 1, 28, 28), -1.0)
    for index in range(count):
        at = 8 + index % 9
        if index % 2:
            images[index, 0, at : at + 3, 5:23] = 1.0
        else:
            images[index, 0, 5:23, at : at + 3] = 1.0
    return images, torch.arange(count) % 2


@pytest.fixture(name="detector", scope="module")
def _detector() -> Detector:
    return fit(Known(*bars(120)), seed=0, recipe=QUICK)


def test_a_score_does_not_depend_on_what_else_is_in_the_batch(detector: Detector) -> None:
    images = torch.cat([bars(300)[0], torch.rand(7, 1, 28, 28) * 2 - 1])
    together = detector.outputs(images)["combined"]
    assert together.shape == (307,)
    assert together.isfinite().all()
    torch.testing.assert_close(detector.outputs(images[300:])["combined"], together[300:])
    torch.testing.assert_close(detector.outputs(images[:1])["combined"], together[:1])


def test_the_seed_alone_decides(detector: Detector) -> None:
    images, labels = bars(120)
    state = torch.random.get_rng_state()
    again = fit(Known(images, labels), seed=0, recipe=QUICK)
    assert torch.equal(torch.random.get_rng_state(), state)
    first, second = detector.outputs(images), again.outputs(images)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert first["logits"].shape == (120, 2)


def test_outliers_are_made_of_the_digits_that_the_classes_are() -> None:
    asked: set[int] = set()

    def synthesise(images: Tensor, digits: Tensor, generator: Generator) -> Tensor:
        asked.update(digits.tolist())
        return images

    recipe = OutlierRecipe(steps=4, digits=16, outliers=16, synthesise=synthesise)
    fit(Known(*bars(120), names=(3, 7)), seed=0, recipe=recipe)
    assert asked == {3, 7}


def test_the_sum_is_standardised_on_the_calibration_digits(detector: Detector) -> None:
    images, _ = bars(120)
    single = detector.distances.single_scores(parts_of(detector.network, images), images)
    assert single.shape == (120, 5)
    z = (single - detector.total.mean) / detector.total.deviation
    by_hand = 3 * z[:, 0] + z[:, 1:4].sum(dim=1) + 10 * (z[:, 4] - 3).clamp_min(0)
    torch.testing.assert_close(detector.total(single), by_hand)


def test_where_the_ink_lies_does_not_matter_after_normalising() -> None:
    images = torch.full((2, 1, 28, 28), -1.0)
    images[0, 0, 5:20, 6:14] = 1.0
    images[1, 0, 8:23, 10:18] = 1.0
    normal = normalise(images)
    torch.testing.assert_close(normal[0], normal[1], rtol=0, atol=1e-4)
