from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor

from solutions.zoo.outliers.mixture import families, mixture
from solutions.zoo.outliers.turned import MOVED, turn_by, turned


def seeded(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(name="digits")
def _digits() -> Tensor:
    """Bars of different lengths and places: enough for an outlier to be made from."""
    images = torch.full((30, 1, 28, 28), -1.0)
    for index in range(30):
        images[index, 0, 4 + index % 5 : 22, 8 + index % 7 : 12 + index % 7] = 1.0
    return images


LABELS = torch.arange(30) % 10


@pytest.mark.parametrize("name", [*families(), "mixture"])
@pytest.mark.parametrize("count", [1, 30])
def test_as_many_images_in_range_whatever_the_count(name: str, count: int, digits: Tensor) -> None:
    make = mixture if name == "mixture" else families()[name][0]
    before = digits.clone()
    made = make(digits[:count], LABELS[:count], seeded())
    assert made.shape == (count, 1, 28, 28)
    assert made.dtype == torch.float32
    assert made.isfinite().all()
    assert made.min() >= -1
    assert made.max() <= 1
    assert torch.equal(digits, before)


@pytest.mark.parametrize("name", list(families()))
def test_the_generator_alone_decides(name: str, digits: Tensor) -> None:
    make = families()[name][0]
    state = torch.random.get_rng_state()
    first, again = make(digits, LABELS, seeded(3)), make(digits, LABELS, seeded(3))
    assert torch.equal(first, again)
    assert not torch.equal(first, make(digits, LABELS, seeded(4)))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_eight_ways_to_turn_are_the_symmetries_of_a_square() -> None:
    corner = torch.arange(4.0).view(1, 1, 2, 2)
    ways = {tuple(turn_by(corner, torch.tensor([way])).flatten().tolist()) for way in range(8)}
    assert len(ways) == 8


def test_no_digit_is_turned_into_one(digits: Tensor) -> None:
    assert not any(MOVED[0])
    assert not any(row[0] for row in MOVED)
    half, upside_down = MOVED[2], MOVED[6]
    assert not half[6]
    assert not half[9]
    assert not upside_down[3]
    zeros = torch.zeros(30, dtype=torch.long)
    assert torch.equal(turned(digits, zeros, seeded()), digits)
