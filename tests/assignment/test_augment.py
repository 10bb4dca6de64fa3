"""Moving digits about."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

JITTER = {"rotation": 20.0, "shift": 4.0, "scale": 0.3, "shear": 0.3}


@pytest.fixture(scope="module")
def augment(assignment):
    return assignment("augment")


def noise(count=5, seed=0):
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def blob(row=13.5, column=13.5, across=2.0, down=2.0):
    """A soft spot of ink (1, 1, 28, 28)."""
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    far = ((rows - row) / down) ** 2 + ((columns - column) / across) ** 2
    return (2 * torch.exp(-far / 2) - 1)[None, None]


def centre(image):
    """Where the middle of the ink lies: (row, column)."""
    ink = (image[0, 0] + 1) / (image[0, 0] + 1).sum()
    places = torch.arange(28.0)
    return float((ink.sum(1) * places).sum()), float((ink.sum(0) * places).sum())


def test_no_jitter_gives_the_images_themselves(augment):
    images = noise()
    assert augment.jittered(images, augment.Jitter(), generator()) is images


def test_a_tiny_jitter_is_nearly_no_jitter(augment):
    images = noise()
    jitter = augment.Jitter(rotation=1e-4, shift=1e-4, scale=1e-6, shear=1e-6)
    torch.testing.assert_close(
        augment.jittered(images, jitter, generator()), images, atol=1e-3, rtol=0
    )


@settings(max_examples=25, deadline=None)
@given(count=st.integers(0, 6), seed=st.integers(0, 2**32))
def test_shape_dtype_and_range_are_kept(augment, count, seed):
    images = noise(count, seed % 100)
    before = images.clone()
    moved = augment.jittered(images, augment.Jitter(**JITTER), generator(seed))
    assert moved.shape == images.shape
    assert moved.dtype == torch.float32
    assert torch.equal(images, before)
    if count:
        assert moved.min() >= -1 - 1e-5
        assert moved.max() <= 1 + 1e-5


def test_what_comes_in_at_the_border_is_background(augment):
    moved = augment.jittered(torch.ones(20, 1, 28, 28), augment.Jitter(shift=8), generator())
    corners = moved[:, 0, [0, 0, -1, -1], [0, -1, 0, -1]]  # (20, 4)
    assert (corners.min(dim=1).values == -1).sum() > 15


def test_an_empty_image_stays_empty(augment):
    empty = -torch.ones(3, 1, 28, 28)
    moved = augment.jittered(empty, augment.Jitter(**JITTER), generator())
    torch.testing.assert_close(moved, empty)


def test_the_shift_is_in_pixels_and_stays_in_bounds(augment):
    images = blob().expand(200, -1, -1, -1)
    moved = augment.jittered(images, augment.Jitter(shift=3), generator())
    places = torch.tensor([centre(image[None]) for image in moved]) - 13.5  # (200, 2)
    assert places.abs().max() <= 3 + 1e-2
    assert places.abs().max(dim=0).values.min() > 2.8


def test_a_turn_keeps_the_distance_from_the_middle(augment):
    images = blob(row=7.5).expand(200, -1, -1, -1)
    moved = augment.jittered(images, augment.Jitter(rotation=30), generator())
    places = torch.tensor([centre(image[None]) for image in moved]) - 13.5
    torch.testing.assert_close(places.norm(dim=1), torch.full((200,), 6.0), atol=0.05, rtol=0)
    angles = torch.atan2(places[:, 1], -places[:, 0]) * 180 / math.pi
    assert 28 < angles.abs().max() < 30.5
    assert angles.min() < -25 < 25 < angles.max()


def test_the_scale_changes_the_amount_of_ink(augment):
    images = blob().expand(300, -1, -1, -1)
    moved = augment.jittered(images, augment.Jitter(scale=0.2), generator())
    ink = (moved + 1).sum(dim=(1, 2, 3)) / (images[:1] + 1).sum()
    assert 1.2**2 >= ink.max() - 0.02 > 1.3
    assert 0.8**2 <= ink.min() + 0.02 < 0.75


def test_every_image_moves_its_own_way(augment):
    images = blob(row=9, across=4).expand(6, -1, -1, -1)
    moved = augment.jittered(images, augment.Jitter(**JITTER), generator()).flatten(1)
    distances = torch.cdist(moved, moved) + torch.eye(6) * 99
    assert distances.min() > 0.1


def test_the_generator_decides_and_nothing_else(augment):
    images, jitter = noise(), augment.Jitter(**JITTER)
    first = augment.jittered(images, jitter, generator(3))
    torch.manual_seed(99)
    assert torch.equal(first, augment.jittered(images, jitter, generator(3)))
    assert not torch.equal(first, augment.jittered(images, jitter, generator(4)))
