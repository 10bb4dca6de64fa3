import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import datasets
from datasets import DataError, choose, data_root, load, load_test, load_training
from datasets.mnist import load_mnist_test

MISSING = Path("/no/such/root")


def test_the_root_is_the_environment_s_or_the_package_s_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("OSR_DATA", str(tmp_path))
    assert data_root() == tmp_path
    monkeypatch.setenv("OSR_DATA", "")
    assert data_root() == Path(datasets.__file__).parent / "cache"
    monkeypatch.delenv("OSR_DATA")
    assert data_root() == Path(datasets.__file__).parent / "cache"


def test_auto_takes_mnist_where_it_is_and_says_so(mnist_root):
    choice = choose("auto", mnist_root)
    assert choice.name == "mnist"
    assert str(mnist_root) in choice.reason


def test_auto_takes_the_digits_where_nothing_is_and_says_what_to_do():
    choice = choose("auto", MISSING)
    assert choice.name == "digits"
    assert choice.reason == (
        f"no MNIST under {MISSING} (python -m datasets fetch mnist), so the embedded digits"
    )


def test_auto_names_the_file_where_a_part_of_mnist_is_missing(tmp_path, write_idx):
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3"):
        write_idx(tmp_path / f"MNIST/raw/{name}-ubyte", np.zeros(1))
    choice = choose("auto", tmp_path)
    assert choice.name == "digits"
    assert "t10k-labels-idx1-ubyte" in choice.reason


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_what_was_asked_for_is_taken(name):
    assert choose(name, MISSING) == datasets.Choice(name, f"{name} was asked for")


@pytest.mark.parametrize("function", [choose, load, load_training, load_test])
def test_no_other_profile_exists(function):
    with pytest.raises(DataError, match="no profile 'cifar': there are auto, digits, mnist"):
        function("cifar", MISSING)


@pytest.mark.parametrize("function", [load, load_training, load_test])
def test_mnist_that_is_not_there_is_one_helpful_line(function):
    with pytest.raises(DataError, match="python -m datasets fetch mnist") as caught:
        function("mnist", MISSING)
    assert "OSR_DATA" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_digits_profile_is_complete_without_any_file(digits_profile):
    profile = digits_profile
    assert profile.name == "digits"
    assert [len(part) for part in (profile.train, profile.heldout, profile.test)] == [
        1047,
        250,
        500,
    ]
    assert {part.family: (len(part), part.graded) for part in profile.unknowns} == {
        "letters": (500, True),
        "lookalikes": (500, False),
        "photographs": (500, True),
        "noise": (500, True),
    }


def test_the_mnist_profile_has_mnist_s_images_in_its_parts(mnist_root, numbers):
    profile = load("mnist", mnist_root)
    train, heldout = numbers(profile.train.images), numbers(profile.heldout.images)
    assert (len(train), len(heldout)) == (55_000, 5_000)
    assert sorted([*train, *heldout]) == list(range(60_000))
    np.testing.assert_array_equal(profile.train.labels, train % 10)
    np.testing.assert_array_equal(profile.heldout.labels, heldout % 10)
    assert np.bincount(profile.heldout.labels).tolist() == [500] * 10
    np.testing.assert_array_equal(numbers(profile.test.images), np.arange(10_000))
    np.testing.assert_array_equal(profile.test.labels, np.arange(10_000) % 10)
    assert {part.family: part.graded for part in profile.unknowns} == {
        "photographs": True,
        "noise": True,
        "mnist_noise": False,
    }


def test_an_instructor_s_set_joins_the_mnist_profile_alone(mnist_root, monkeypatch):
    images = np.full((4, 28, 28), 9, np.uint8)
    np.savez(mnist_root / "runes.npz", images=images, labels=np.zeros(4, int))
    _, unknowns = load_test("auto", mnist_root)
    assert unknowns[0].family == "runes"
    # the embedded one is the same everywhere, so it looks at no root
    monkeypatch.setattr("datasets.profiles.load_public_unknowns", pytest.fail)
    load_test("digits", mnist_root)


def test_what_is_handed_out_is_the_caller_s_to_change(mnist_root, mnist_files):
    test = load_mnist_test(mnist_root)
    test.images[:] = 1
    test.labels[:] = 1
    assert load_mnist_test(mnist_root).images.max() > 1


@pytest.mark.parametrize(
    ("prefix", "images", "labels", "words"),
    [
        ("train", (59_999, 28, 28), (59_999,), "59,999 images, not MNIST's 60,000"),
        ("t10k", (10_000, 20, 20), (10_000,), "not images of 28 by 28"),
        ("t10k", (10_000, 28, 28), (9_999,), "labels for 10000 images"),
    ],
)
def test_files_that_are_not_mnist_s_are_refused(tmp_path, write_idx, prefix, images, labels, words):
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"MNIST/raw/{part}-images-idx3-ubyte", np.zeros(1))
        write_idx(tmp_path / f"MNIST/raw/{part}-labels-idx1-ubyte", np.zeros(1))
    write_idx(tmp_path / f"MNIST/raw/{prefix}-images-idx3-ubyte", np.zeros(images, np.uint8))
    write_idx(tmp_path / f"MNIST/raw/{prefix}-labels-idx1-ubyte", np.zeros(labels, np.uint8))
    function = load_training if prefix == "train" else load_test
    with pytest.raises(DataError, match=words):
        function("mnist", tmp_path)


def test_a_label_above_nine_is_refused(tmp_path, write_idx):
    for part, count in (("train", 1), ("t10k", 10_000)):
        images = np.zeros((count, 28, 28), np.uint8)
        write_idx(tmp_path / f"MNIST/raw/{part}-images-idx3-ubyte", images)
        write_idx(tmp_path / f"MNIST/raw/{part}-labels-idx1-ubyte", np.full(count, 10))
    with pytest.raises(DataError, match="the label 10, above 9"):
        load_test("mnist", tmp_path)


def test_a_broken_mnist_is_an_error_and_not_a_reason_for_the_digits(mnist_files, tmp_path):
    folder = tmp_path / "MNIST/raw"
    folder.mkdir(parents=True)
    for file in (mnist_files / "MNIST/raw").iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "t10k-images-idx3-ubyte").unlink()
    (folder / "t10k-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03 cut")
    with pytest.raises(DataError, match="t10k-images"):
        load("auto", tmp_path)


def test_importing_the_package_imports_nothing_heavy():
    heavy = ("sklearn", "scipy", "matplotlib", "PIL", "torch", "torchvision", "rich", "typer")
    program = f"import sys, datasets; print([n for n in {heavy} if n in sys.modules])"
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.fixture(scope="module")
def real():
    root = os.environ.get("OSR_DATA")
    if not root or choose("auto", Path(root)).name != "mnist":
        pytest.skip("OSR_DATA names no folder with MNIST")
    return load("mnist", Path(root))


@pytest.mark.real_data
def test_real_mnist_is_mnist(real):
    # class counts as published for the 60,000 and the 10,000
    training = np.bincount(np.concatenate([real.train.labels, real.heldout.labels]))
    assert training.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(real.test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ]  # fmt: skip
    every = np.concatenate([real.train.images, real.heldout.images])
    assert every.mean() / 255 == pytest.approx(0.1307, abs=0.0001)
    assert every.std() / 255 == pytest.approx(0.3081, abs=0.0001)


@pytest.mark.real_data
def test_real_held_out_digits_are_not_among_the_training_digits(real):
    training = {image.tobytes() for image in real.train.images}
    assert not [image for image in real.heldout.images if image.tobytes() in training]


@pytest.mark.real_data
def test_real_unknown_sets_are_whole(real):
    assert {"photographs", "noise", "mnist_noise"} <= {part.family for part in real.unknowns}
    for part in real.unknowns:
        assert len(part) <= 2000
        assert part.images.std(axis=(1, 2)).min() > 0
