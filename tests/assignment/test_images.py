"""Grey values as the networks take them."""

from __future__ import annotations

import numpy as np
import pytest
import torch


@pytest.fixture(scope="module")
def images(assignment):
    return assignment("images")


def test_maps_the_ends_of_the_range(images):
    array = np.zeros((2, 28, 28), np.uint8)
    array[1] = 255
    array[1, 3, 4] = 51
    made = images.to_images(array)
    assert made.shape == (2, 1, 28, 28)
    assert made.dtype == torch.float32
    assert (made[0] == -1).all()
    assert made[1].max() == 1
    assert made[1, 0, 3, 4] == pytest.approx(-0.6)


def test_takes_read_only_and_empty_arrays_and_shares_no_memory(images):
    array = np.zeros((1, 28, 28), np.uint8)
    array.flags.writeable = False
    images.to_images(array).fill_(0.5)
    assert (array == 0).all()
    assert images.to_images(array[:0]).shape == (0, 1, 28, 28)


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 28, 28)), np.zeros((28, 28), np.uint8), np.zeros((2, 1, 28, 28), np.uint8)],
)
def test_refuses_other_arrays(images, array):
    with pytest.raises(ValueError, match=r"images are uint8 \(N, 28, 28\), not"):
        images.to_images(array)


def test_scaled_bytes_are_what_an_array_of_them_becomes(images):
    array = np.arange(256, dtype=np.uint8).repeat(49).reshape(16, 28, 28)
    assert torch.equal(images.scaled(torch.from_numpy(array)), images.to_images(array))
