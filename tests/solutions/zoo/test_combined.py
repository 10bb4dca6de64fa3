from __future__ import annotations

import pytest
import torch
from torch import Tensor

from solutions.zoo.combined.detector import Detector, fit
from solutions.zoo.combined.mahalanobis import fit_mahalanobis
from solutions.zoo.combined.moments import normalise
from solutions.zoo.combined.training import Recipe

QUICK = Recipe(steps=3, digits=16, outliers=16)


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
    return fit(*bars(120), seed=0, recipe=QUICK)


def test_a_score_does_not_depend_on_what_else_is_in_the_batch(detector: Detector) -> None:
    images = torch.cat([bars(300)[0], torch.rand(7, 1, 28, 28) * 2 - 1])
    together = detector.scores(images)
    assert together.shape == (307,)
    assert together.isfinite().all()
    torch.testing.assert_close(detector.scores(images[300:]), together[300:])
    torch.testing.assert_close(detector.scores(images[:1]), together[:1])


def test_the_seed_alone_decides(detector: Detector) -> None:
    images, labels = bars(120)
    state = torch.random.get_rng_state()
    again = fit(images, labels, seed=0, recipe=QUICK)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(again.scores(images), detector.scores(images))
    assert detector.logits(images).shape == (120, 2)


def test_the_sum_is_standardised_on_the_calibration_digits(detector: Detector) -> None:
    single = detector.single_scores(bars(120)[0])
    assert single.shape == (120, 5)
    z = (single - detector.standard.mean) / detector.standard.deviation
    by_hand = 3 * z[:, 0] + z[:, 1:4].sum(dim=1) + 10 * (z[:, 4] - 3).clamp_min(0)
    torch.testing.assert_close(detector.standard.total(single), by_hand)


def test_mahalanobis_against_the_formula() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(200, 3, generator=generator) * torch.tensor([1.0, 2.0, 5.0])
    labels = torch.arange(200) % 2
    features[labels == 1] += 10
    fitted = fit_mahalanobis(features, labels, shrinkage=0.0)
    means = torch.stack([features[labels == index].mean(dim=0) for index in (0, 1)])
    centred = features - means[labels]
    inverse = torch.linalg.inv(centred.T @ centred / len(centred))
    away = features[:, None] - means
    expected = torch.einsum("nki,ij,nkj->nk", away, inverse, away).amin(dim=1)
    torch.testing.assert_close(fitted.distances(features), expected, rtol=1e-3, atol=1e-3)


def test_where_the_ink_lies_does_not_matter_after_normalising() -> None:
    images = torch.full((2, 1, 28, 28), -1.0)
    images[0, 0, 5:20, 6:14] = 1.0
    images[1, 0, 8:23, 10:18] = 1.0
    normal = normalise(images)
    torch.testing.assert_close(normal[0], normal[1], rtol=0, atol=1e-4)
