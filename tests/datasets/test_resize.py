import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datasets.resize import grey, pad, resize

RANDOM = np.random.default_rng(0)


@given(level=st.integers(0, 255), before=st.integers(2, 120), after=st.integers(1, 60))
def test_a_flat_image_stays_flat(level, before, after):
    flat = np.full((1, before, before + 3), level, np.uint8)
    np.testing.assert_array_equal(resize(flat, after, after), np.full((1, after, after), level))


@pytest.mark.parametrize(("before", "after"), [(32, 28), (112, 28), (8, 28), (28, 28), (105, 28)])
def test_it_agrees_with_pillow(before, after):
    # Pillow rounds and clips between rows and columns: two grey levels are its own, and middle
    # tones keep it from clipping
    image = RANDOM.integers(80, 170, (before, before)).astype(np.uint8)
    pillow = Image.fromarray(image).resize((after, after), Image.Resampling.BICUBIC)
    difference = resize(image[None], after, after)[0].astype(int) - np.asarray(pillow)
    assert np.abs(difference).max() <= 2


def test_luma_agrees_with_pillow():
    colours = RANDOM.integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    for image, mine in zip(colours, grey(colours), strict=True):
        pillow = np.asarray(Image.fromarray(image).convert("L")).astype(int)
        assert np.abs(mine - pillow).max() <= 1


def test_pure_colours_have_the_standard_s_weights():
    colours = np.array([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]]], np.uint8)
    assert grey(colours).tolist() == [[[76, 150, 29, 255]]]


def test_padding_is_background():
    padded = pad(np.full((2, 3, 4), 7, np.uint8), 2)
    assert padded.shape == (2, 7, 8)
    assert padded.sum() == 2 * 3 * 4 * 7
    assert (padded[:, 2:5, 2:6] == 7).all()
