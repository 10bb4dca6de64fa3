import hashlib

import numpy as np
import pytest

from datasets import DataError
from datasets import digits as module
from datasets.digits import enlarge, load_digits_test, load_digits_training, read_digits


@pytest.fixture(scope="module")
def sets():
    return (*load_digits_training(), load_digits_test())


def test_the_file_is_read_as_scikit_learn_reads_it():
    from sklearn.datasets import load_digits

    counts, labels = read_digits()
    theirs = load_digits()
    np.testing.assert_array_equal(counts, theirs.images)
    np.testing.assert_array_equal(labels, theirs.target)


def test_sizes_and_labels(sets):
    assert [len(part) for part in sets] == [1047, 250, 500]
    for part in sets:
        assert part.family == "digits"
        shares = np.bincount(part.labels, minlength=10) / len(part)
        assert np.abs(shares - 0.1).max() < 0.015


def test_every_digit_is_in_one_part(monkeypatch):
    monkeypatch.setattr(module, "place", lambda counts, random: enlarge(counts))
    parts = (*load_digits_training(), load_digits_test())
    split = [image.tobytes() for part in parts for image in part.images]
    assert set(split) == {image.tobytes() for image in enlarge(read_digits()[0])}
    assert len(set(split)) == len(split) == 1797


def test_the_split_and_the_pixels_never_change(sets):
    digest = hashlib.sha256()
    for part in sets:
        digest.update(part.images.tobytes() + part.labels.tobytes())
    # a mark depends on these; whoever changes them raises the version
    assert digest.hexdigest() == (
        "3543c427d5276d993bf925ad19e0bd1aab6e700fb42f1c407fbac5a0b74312e9"
    )


def test_they_look_like_mnist_s(sets):
    for part in sets:
        ink = part.images.astype(float)
        assert part.images.min() == 0
        assert part.images.max() == 255
        assert 30 < ink.mean() < 50  # MNIST: 33.8
        margin = ink.copy()
        margin[:, 3:-3, 3:-3] = 0
        assert margin.sum() < 0.01 * ink.sum()


def test_enlarging_keeps_place_and_amount_of_ink():
    counts = np.zeros((1, 8, 8), np.uint8)
    counts[0, 2:6, 3:5] = 16  # 4 by 2 blocks, so 10 by 5 pixels, whose middle is the middle
    image = enlarge(counts)[0].astype(float)
    rows, columns = np.mgrid[:28, :28]
    assert np.average(rows, weights=image) == pytest.approx(13.5, abs=0.01)
    assert np.average(columns, weights=image) == pytest.approx(13.5, abs=0.01)
    assert image.sum() / 255 == pytest.approx(50, rel=0.1)


def test_another_seed_places_the_same_digits_anew(sets):
    again, anew = load_digits_test(), load_digits_test(placement_seed=99)
    np.testing.assert_array_equal(again.images, sets[2].images)
    np.testing.assert_array_equal(anew.labels, again.labels)
    assert (anew.images != again.images).any(axis=(1, 2)).all()


def test_a_missing_file_is_one_line(monkeypatch):
    from datasets.packaged import packaged_file

    for package in ("sklearn", "no_such_package_at_all"):
        with pytest.raises(DataError, match="no/such/file is not installed"):
            packaged_file(package, "no", "such", "file")
