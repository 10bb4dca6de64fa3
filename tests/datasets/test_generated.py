"""The unknown families that are made here: letters, look-alikes, photographs, noise."""

import hashlib
import os
import string
import subprocess
import sys

import numpy as np
import pytest

from datasets import UNKNOWN
from datasets.hidden import HIDDEN_FONTS
from datasets.letters import (
    LETTERS,
    LOOKALIKES,
    PUBLIC_FONTS,
    make_letters,
    make_lookalikes,
)
from datasets.noise import make_mnist_noise, make_noise
from datasets.photographs import LEAST_CONTRAST, make_photographs

MAKERS = {
    "letters": make_letters,
    "lookalikes": make_lookalikes,
    "photographs": make_photographs,
    "noise": make_noise,
}


@pytest.mark.parametrize("family", MAKERS)
def test_a_family_is_as_large_as_wanted_and_all_unknown(family):
    made = MAKERS[family](60, 3)
    assert (made.family, made.name, len(made)) == (family, family, 60)
    assert set(made.labels) == {UNKNOWN}
    assert made.graded == (family != "lookalikes")
    assert len({image.tobytes() for image in made.images}) == 60


@pytest.mark.parametrize("family", MAKERS)
def test_a_seed_gives_one_set_and_another_seed_another(family):
    first, again, other = (MAKERS[family](30, seed).images for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=(1, 2)).all()


def test_none_of_a_family_is_an_empty_set():
    for make in MAKERS.values():
        assert make(0, 1).images.shape == (0, 28, 28)


def test_sets_do_not_depend_on_the_process_and_need_no_heavy_library(digits_profile):
    heavy = ("sklearn", "scipy", "matplotlib", "torch", "torchvision")
    program = (
        "import hashlib, sys\n"
        "from datasets import load_test\n"
        "digest = hashlib.sha256()\n"
        "for part in load_test('digits')[1]: digest.update(part.images.tobytes())\n"
        f"print(digest.hexdigest(), *(name for name in {heavy} if name in sys.modules))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    digest = hashlib.sha256()
    for part in digits_profile.unknowns:
        digest.update(part.images.tobytes())
    assert elsewhere.stdout.split() == [digest.hexdigest()]


def test_every_letter_is_a_letter_or_a_lookalike_and_not_both():
    lookalikes = "".join(LOOKALIKES.values())
    assert sorted(LETTERS + lookalikes) == sorted(string.ascii_letters)


def test_hidden_fonts_are_not_the_public_ones():
    assert not set(PUBLIC_FONTS) & set(HIDDEN_FONTS)


@pytest.mark.parametrize("fonts", [PUBLIC_FONTS, HIDDEN_FONTS])
def test_brightness_does_not_tell_letters_from_digits(fonts, digits_profile):
    digits = digits_profile.test.images.mean()
    assert make_letters(300, 1, fonts).images.mean() == pytest.approx(digits, rel=0.1)
    assert make_lookalikes(300, 1, fonts).images.mean() == pytest.approx(digits, rel=0.15)


def test_a_letter_is_drawn_upright_and_not_mirrored():
    # L has its ink at the left and at the bottom, in any font and under any small movement
    drawn = make_letters(len(LETTERS) * 10, 5).images[LETTERS.index("L") :: len(LETTERS)]
    mean = drawn.mean(axis=0)
    assert mean[:, :14].sum() > mean[:, 14:].sum()
    assert mean[14:].sum() > mean[:14].sum()


def test_letters_fill_the_digits_box():
    for image in make_letters(100, 2).images:
        rows, columns = np.nonzero(image > 60)
        assert max(np.ptp(rows), np.ptp(columns)) >= 16
        assert rows.min() >= 1
        assert columns.min() >= 1


def test_photographs_have_contrast_and_are_not_digits():
    images = make_photographs(300, 1).images
    assert images.std(axis=(1, 2)).min() >= LEAST_CONTRAST
    assert images.mean() > 80


def test_noise_is_uniform_and_independent():
    images = make_noise(300, 1).images
    counts = np.bincount(images.ravel(), minlength=256)
    expected = images.size / 256
    assert ((counts - expected) ** 2 / expected).sum() < 350  # chi squared, 255 degrees of freedom
    neighbours = np.corrcoef(images[:, :, :-1].ravel(), images[:, :, 1:].ravel())[0, 1]
    assert abs(neighbours) < 0.02


def test_mnist_noise_is_the_digit_plus_noise_and_clipped(digits_profile):
    digits = digits_profile.test.images[:100]
    noisy = make_mnist_noise(digits, 1)
    assert (noisy.images >= digits).all()
    assert (noisy.images[digits == 255] == 255).all()
    background = noisy.images[digits == 0].astype(float)
    assert background.mean() == pytest.approx(127.5, abs=1)
    assert not noisy.graded


def test_noise_and_mnist_noise_of_one_seed_are_independent():
    plain = make_noise(50, 1).images
    noisy = make_mnist_noise(np.zeros_like(plain), 1).images
    assert hashlib.sha256(plain).digest() != hashlib.sha256(noisy).digest()
    assert (plain == noisy).mean() < 0.01
