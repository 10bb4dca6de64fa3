import numpy as np
import pytest
from scipy import ndimage

from datasets.affine import AT_ONCE, Movement, move, sample

RANDOM = np.random.default_rng(0)
STILL = Movement(0, 0, 0)
IDENTITY = np.eye(2)[None]
NO_SHIFT = np.zeros((1, 2))


def blob(row: float, column: float) -> np.ndarray:
    rows, columns = np.mgrid[:28, :28]
    squares = (rows - row) ** 2 + (columns - column) ** 2
    return (255 * np.exp(-squares / 8)).astype(np.uint8)[None]


def test_no_movement_changes_nothing():
    images = RANDOM.integers(0, 256, (AT_ONCE + 3, 28, 28)).astype(np.uint8)
    np.testing.assert_array_equal(move(images, STILL, np.random.RandomState(0)), images)


def test_nothing_moves_to_nothing():
    none = np.empty((0, 28, 28), np.uint8)
    assert move(none, STILL, np.random.RandomState(0)).shape == (0, 28, 28)


def test_a_whole_pixel_s_shift_is_exact():
    image = RANDOM.integers(0, 256, (1, 28, 28)).astype(np.uint8)
    shifted = sample(image, IDENTITY, np.array([[1.0, -2.0]]))
    np.testing.assert_array_equal(shifted[0, 1:, :-2], image[0, :-1, 2:])


def test_a_quarter_turn_is_exact():
    image = RANDOM.integers(0, 256, (1, 28, 28)).astype(np.uint8)
    turned = sample(image, np.array([[[0.0, 1.0], [-1.0, 0.0]]]), NO_SHIFT)
    assert any(np.array_equal(turned[0], np.rot90(image[0], turns)) for turns in (1, 3))


def test_it_stays_close_to_scipy_s_splines():
    image = blob(12, 15)
    back = np.array([[0.98, 0.1], [-0.1, 0.98]])
    shift = np.array([0.4, -0.7])
    middle = np.array([13.5, 13.5])
    offset = middle - back @ (middle + shift)
    splines = ndimage.affine_transform(image[0].astype(float), back, offset, order=3)
    mine = sample(image, back[None], shift[None])[0]
    assert np.abs(mine - splines).max() < 6


def test_movements_stay_within_their_bounds_and_differ():
    movement = Movement(turn=5, scale=0.05, shift=1.0)
    moved = move(np.repeat(blob(13.5, 13.5), 200, axis=0), movement, np.random.RandomState(0))
    centres = np.array([ndimage.center_of_mass(image) for image in moved])
    assert np.abs(centres - 13.5).max() <= 1.05
    assert len(np.unique(centres.round(3), axis=0)) == 200
    assert np.abs(centres.mean(axis=0) - 13.5).max() < 0.2


@pytest.mark.parametrize("level", [0, 130, 255])
def test_a_photograph_gets_no_black_corners(level):
    flat = np.full((50, 28, 28), level, np.uint8)
    moved = move(flat, Movement(10, 0.1, 2), np.random.RandomState(0))
    np.testing.assert_array_equal(moved, flat)
