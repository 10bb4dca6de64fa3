"""The temperature is that of a float64 grid search; the error that of a loop over bins."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from solutions.zoo.framework.calibration import (
    calibrated,
    expected_calibration_error,
    fit_temperature,
    nll,
)
from solutions.zoo.scores.energy import energy


def noisy(scale: float, seed: int = 0, count: int = 400) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits whose labels are drawn from softmax(logits / scale)."""
    generator = torch.Generator().manual_seed(seed)
    honest = 2 * torch.randn(count, 6, generator=generator)
    labels = torch.multinomial(honest.softmax(dim=1), 1, generator=generator)[:, 0]
    return honest * scale, labels


def oracle_nll(logits: torch.Tensor, labels: torch.Tensor, temperature: float) -> float:
    values = logits.double().numpy() / temperature
    top = values.max(axis=1, keepdims=True)
    log_sums = top[:, 0] + np.log(np.exp(values - top).sum(axis=1))
    return float((log_sums - values[np.arange(len(values)), labels.numpy()]).mean())


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.5, 20.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_temperature_equals_a_grid_search(scale: float, seed: int) -> None:
    logits, labels = noisy(scale, seed)
    low, high = math.log(0.01), math.log(100)
    for _ in range(4):  # each grid spans two steps of the one before
        grid = np.linspace(low, high, 201)
        best = int(np.argmin([oracle_nll(logits, labels, math.exp(place)) for place in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 200)]
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(math.exp(grid[best]), rel=1e-4)
    assert found == pytest.approx(scale, rel=0.25)
    assert nll(logits, labels, found) == pytest.approx(oracle_nll(logits, labels, found), abs=1e-12)
    assert nll(logits, labels, found) <= nll(logits, labels)


def test_without_a_mistake_the_temperature_stays_at_its_bound() -> None:
    logits = 5 * torch.eye(4)
    found = fit_temperature(logits, torch.arange(4))
    assert 0.01 <= found < 0.5
    assert math.isfinite(nll(logits, torch.arange(4), found))


def test_calibration_error_equals_a_loop_over_bins() -> None:
    for scale in (0.5, 1.0, 4.0):
        logits, labels = noisy(scale)
        probabilities = logits.double().softmax(dim=1)
        confidence, predicted = probabilities.max(dim=1)
        total = 0.0
        for place in range(15):
            inside = (confidence > place / 15) & (confidence <= (place + 1) / 15)
            if inside.any():
                right = (predicted[inside] == labels[inside]).double().mean()
                total += float(inside.double().mean() * (right - confidence[inside].mean()).abs())
        assert expected_calibration_error(logits, labels) == pytest.approx(total, abs=1e-12)


def test_calibration_lowers_the_error_of_a_classifier_that_is_too_sure() -> None:
    logits, labels = noisy(6.0, count=4000)
    temperature = fit_temperature(logits[:2000], labels[:2000])
    rest = logits[2000:], labels[2000:]
    assert expected_calibration_error(*rest, temperature) < 0.04
    assert expected_calibration_error(*rest) > 0.15


def test_calibrated_energy_ranks_as_energy_at_that_temperature() -> None:
    logits, _ = noisy(3.0)
    outputs = calibrated({"logits": logits, "embedding": logits}, 2.0)
    assert outputs["embedding"] is logits
    scores = energy(outputs["logits"].double()) * 2.0
    torch.testing.assert_close(scores, energy(logits.double(), temperature=2.0))
