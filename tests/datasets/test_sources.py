import gzip

import numpy as np
import pytest

from datasets import UNKNOWN, DataError, load_other_digits
from datasets.npz import has_array
from datasets.sources import (
    GENERATED,
    MOST_PUBLIC,
    Source,
    find_sources,
    load_public_unknowns,
    read_images,
    source_order,
)

RANDOM = np.random.default_rng(0)


def some(*shape):
    return RANDOM.integers(0, 256, shape).astype(np.uint8)


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_an_empty_root_and_a_missing_one_have_nothing(tmp_path):
    assert find_sources(tmp_path) == ()
    assert find_sources(tmp_path / "missing") == ()


def test_an_own_set_is_an_unknown_family_of_its_file_s_name(tmp_path):
    images = some(5, 28, 28)
    save(tmp_path / "runes.npz", images=images, labels=np.arange(5))
    (runes,) = load_public_unknowns(tmp_path)
    assert (runes.name, runes.family, runes.graded) == ("runes", "runes", True)
    assert runes.labels.tolist() == [UNKNOWN] * 5
    np.testing.assert_array_equal(runes.images, images)


@pytest.mark.parametrize("graded", [True, False])
def test_an_own_set_says_whether_it_is_graded(tmp_path, graded):
    save(tmp_path / "a.npz", images=some(2, 28, 28), labels=np.zeros(2, int), graded=graded)
    assert load_public_unknowns(tmp_path)[0].graded == graded


def test_omniglot_is_not_graded_though_its_file_does_not_say_so(tmp_path):
    save(tmp_path / "omniglot.npz", images=some(2, 28, 28), labels=np.zeros(2, int))
    assert not load_public_unknowns(tmp_path)[0].graded


def test_colour_images_become_grey_and_small(tmp_path):
    colours = np.zeros((4, 32, 32, 3), np.uint8)
    colours[0] = (255, 0, 0)
    colours[1, 16:] = 200
    save(tmp_path / "cifar10.npz", images=colours, labels=np.zeros(4, int))
    (images,) = load_public_unknowns(tmp_path)
    assert images.images.shape == (4, 28, 28)
    assert (images.images[0] == 76).all()
    assert images.images[1, :12].max() == 0
    assert (images.images[1, 16:] == 200).all()


def test_at_most_2000_images_are_public_and_always_the_same(tmp_path, numbered, numbers):
    save(tmp_path / "many.npz", images=numbered(2500), labels=np.zeros(2500, int))
    (first,), (again,) = load_public_unknowns(tmp_path), load_public_unknowns(tmp_path)
    np.testing.assert_array_equal(first.images, again.images)
    chosen = numbers(first.images)
    assert len(np.unique(chosen)) == len(chosen) == MOST_PUBLIC
    assert chosen.max() > 2200, "the first 2,000 are not a choice"


def test_the_order_deals_out_every_image_once(tmp_path):
    order = source_order(Source("many", tmp_path, 2500))
    assert sorted(order) == list(range(2500))


def test_emnist_is_turned_upright(tmp_path, write_idx):
    upright = some(3, 28, 28)
    stored = upright.transpose(0, 2, 1)
    write_idx(tmp_path / "EMNIST/raw/emnist-letters-test-images-idx3-ubyte", stored)
    (letters,) = load_public_unknowns(tmp_path)
    assert (letters.family, letters.graded) == ("emnist_letters", False)
    np.testing.assert_array_equal(letters.images, upright)


def test_idx_sets_are_read_packed_or_not(tmp_path, write_idx):
    clothes, kana = some(3, 28, 28), some(4, 28, 28)
    write_idx(tmp_path / "FashionMNIST/raw/t10k-images-idx3-ubyte", clothes)
    plain = write_idx(tmp_path / "KMNIST/raw/t10k-images-idx3-ubyte", kana)
    plain.with_name(plain.name + ".gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    sets = load_public_unknowns(tmp_path)
    assert [(part.family, part.graded) for part in sets] == [
        ("fashion_mnist", True),
        ("kmnist", True),
    ]
    np.testing.assert_array_equal(sets[0].images, clothes)
    np.testing.assert_array_equal(sets[1].images, kana)


def test_known_digits_of_others_are_no_unknown_set(tmp_path):
    images = some(3, 28, 28)
    save(tmp_path / "usps.npz", images=images, labels=np.array([0, 5, 9]), known=True)
    assert load_public_unknowns(tmp_path) == ()
    (digits,) = load_other_digits(tmp_path)
    assert (digits.name, digits.family, digits.graded) == ("usps", "digits", False)
    assert digits.labels.tolist() == [0, 5, 9]
    np.testing.assert_array_equal(digits.images, images)


def test_known_digits_need_digits_as_labels(tmp_path):
    save(tmp_path / "usps.npz", images=some(1, 28, 28), labels=np.array([10]), known=True)
    with pytest.raises(DataError, match="0 to 9"):
        load_other_digits(tmp_path)


def test_a_hidden_bundle_left_in_the_root_is_no_set(tmp_path):
    save(tmp_path / "h.npz", images=some(1, 28, 28), labels=np.zeros(1, int), manifest="{}")
    assert find_sources(tmp_path) == ()


def test_other_files_and_hidden_ones_are_passed_over(tmp_path):
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "._runes.npz").write_bytes(b"what a Mac leaves")
    assert find_sources(tmp_path) == ()


@pytest.mark.parametrize("name", sorted({*GENERATED, "fashion_mnist"}))
def test_a_taken_name_is_refused(tmp_path, name):
    save(tmp_path / f"{name}.npz", images=some(1, 28, 28), labels=np.zeros(1, int))
    with pytest.raises(DataError, match="rename the file"):
        find_sources(tmp_path)


GOOD = {"images": np.zeros((3, 28, 28), np.uint8), "labels": np.zeros(3, int)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": None}, "must hold `images` and `labels`"),
        ({"labels": None}, "must hold `images` and `labels`"),
        ({"images": np.zeros((3, 28, 28))}, "must be uint8"),
        ({"images": np.zeros((3, 784), np.uint8)}, r"not uint8 \(3, 784\)"),
        ({"images": np.zeros((3, 28, 28, 4), np.uint8)}, r"\(3, 28, 28, 4\)"),
        ({"images": np.zeros((0, 28, 28), np.uint8), "labels": np.zeros(0, int)}, r"\(0, 28"),
        ({"labels": np.zeros(2, int)}, "must be 3 integers"),
        ({"labels": np.zeros(3)}, "must be 3 integers"),
        ({"labels": np.array(["a", "b", "c"])}, "must be 3 integers"),
        ({"graded": np.array(1)}, "`graded` must be one bool"),
        ({"graded": np.array([True, False])}, "`graded` must be one bool"),
        ({"known": np.array("yes")}, "`known` must be one bool"),
    ],
)
def test_a_bad_own_set_is_named_with_its_fault(tmp_path, changes, words):
    arrays = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    file = save(tmp_path / "mine.npz", **arrays)
    with pytest.raises(DataError, match=words) as caught:
        load_public_unknowns(tmp_path)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_archive_is_an_error(tmp_path):
    (tmp_path / "mine.npz").write_bytes(b"\x93NUMPY or not")
    with pytest.raises(DataError, match="cannot be read as"):
        find_sources(tmp_path)


@pytest.mark.parametrize("length", [100, 1500, -1, -30])
def test_a_truncated_archive_is_an_error(tmp_path, length):
    file = save(tmp_path / "mine.npz", images=some(3, 28, 28), labels=np.zeros(3, int))
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(DataError, match=r"mine\.npz"):
        load_public_unknowns(tmp_path)


def test_damage_within_an_archive_is_an_error(tmp_path):
    file = save(tmp_path / "mine.npz", images=some(3, 28, 28), labels=np.zeros(3, int))
    content = bytearray(file.read_bytes())
    content[1200] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"mine\.npz"):
        load_public_unknowns(tmp_path)


def test_pickled_arrays_are_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    trap = np.empty(3, object)
    trap[:] = Trap()
    save(tmp_path / "mine.npz", images=GOOD["images"], labels=trap)
    with pytest.raises(DataError, match="integers"):
        find_sources(tmp_path)
    save(tmp_path / "mine.npz", **GOOD, known=np.array(Trap(), dtype=object))
    with pytest.raises(DataError, match=r"mine\.npz"):
        find_sources(tmp_path)


def test_a_set_of_another_size_is_resized(tmp_path):
    flat = np.full((2, 105, 80), 90, np.uint8)
    file = save(tmp_path / "flat.npz", images=flat, labels=np.zeros(2, int))
    images = read_images(Source("flat", file, 2), np.array([1]))
    assert images.shape == (1, 28, 28)
    assert (images == 90).all()


def test_whether_a_file_holds_an_array_is_seen_without_reading_it(tmp_path):
    path = tmp_path / "drawn.npz"
    np.savez(path, images=np.zeros((2, 28, 28), np.uint8))
    assert has_array(path, "images")
    assert not has_array(path, "images_thin")
    path.write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"drawn\.npz: cannot be read"):
        has_array(path, "images")
