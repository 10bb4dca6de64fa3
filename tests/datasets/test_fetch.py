"""Fetching, with classes that stand in for torchvision's and need no network."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from datasets import DataError, load_other_digits
from datasets.convert import MOST_STORED, convert_omniglot, convert_svhn, cut
from datasets.fetch import RECIPES, fetch, is_fetched
from datasets.sources import load_public_unknowns

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 28, 28)).astype(np.uint8)
LABELS = np.array([1, 2, 3, 4])


def stand_in(folder, files, write_idx, fail_after=None):
    """A class that "downloads" IDX files to where torchvision's class of this name puts them."""

    def download(root, download, **options):
        assert download
        raw = Path(root) / folder / "raw"
        for number, name in enumerate(files):
            if number == fail_after:
                raise RuntimeError(f"Error downloading {name}.gz:\nTried x, got:\nno network\n")
            array = IMAGES if "images" in name else LABELS
            write_idx(raw / name, array)
            (raw / f"{name}.gz").write_bytes(b"what it was unpacked from")
        print("torchvision says something")
        return SimpleNamespace()

    return download


IDX = {
    "mnist": ("MNIST", ["train", "t10k"]),
    "fashion_mnist": ("FashionMNIST", ["train", "t10k"]),
    "kmnist": ("KMNIST", ["train", "t10k"]),
    "emnist": ("EMNIST", ["emnist-letters-test", "emnist-letters-train"]),
}


def idx_files(prefixes):
    kinds = ("images-idx3-ubyte", "labels-idx1-ubyte")
    return [f"{prefix}-{kind}" for prefix in prefixes for kind in kinds]


@pytest.mark.parametrize("name", IDX)
def test_idx_files_arrive_where_the_loaders_look(tmp_path, write_idx, capsys, name):
    folder, prefixes = IDX[name]
    classes = SimpleNamespace(**{folder: stand_in(folder, idx_files(prefixes), write_idx)})
    root = tmp_path / "new" / "root"
    assert not is_fetched(name, root)
    fetch(name, root, classes)
    assert is_fetched(name, root)
    assert capsys.readouterr().out == ""
    assert [entry.name for entry in root.iterdir()] == [folder]
    assert not list(root.rglob("*.gz"))
    assert len(load_public_unknowns(root)) == (name != "mnist")


def test_a_failed_download_leaves_nothing_and_says_one_line(tmp_path, write_idx):
    files = idx_files(["train", "t10k"])
    classes = SimpleNamespace(MNIST=stand_in("MNIST", files, write_idx, fail_after=3))
    with pytest.raises(DataError, match=r"mnist could not be downloaded \(no network\)") as caught:
        fetch("mnist", tmp_path, classes)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError("refused"), EOFError(), TimeoutError("too slow")])
def test_other_failures_are_one_line_too(tmp_path, error):
    def refuse(*_, **__):
        raise error

    with pytest.raises(DataError, match="cifar10 could not be downloaded"):
        fetch("cifar10", tmp_path, SimpleNamespace(CIFAR10=refuse))
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_nothing(tmp_path, write_idx):
    def interrupted(root, **_):
        write_idx(Path(root) / "half", IMAGES)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("mnist", tmp_path, SimpleNamespace(MNIST=interrupted))
    assert list(tmp_path.iterdir()) == []


def test_a_root_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        fetch("mnist", tmp_path / "file" / "root", SimpleNamespace())


def given(**dataset):
    return lambda root, download, **options: SimpleNamespace(**dataset, options=options)


def test_cifar10_becomes_an_npz_without_pickles(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3)).astype(np.uint8)
    fetch("cifar10", tmp_path, SimpleNamespace(CIFAR10=given(data=colours, targets=[0, 1] * 3)))
    with np.load(tmp_path / "cifar10.npz", allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["images"], colours)
        assert stored["labels"].tolist() == [0, 1] * 3
    (animals,) = load_public_unknowns(tmp_path)
    assert (animals.family, animals.images.shape) == ("cifar10", (6, 28, 28))
    assert [entry.name for entry in tmp_path.iterdir()] == ["cifar10.npz"]


def test_svhn_s_colours_move_to_the_last_axis():
    data = np.zeros((2, 3, 32, 32), np.uint8)
    data[0, 2] = 9
    arrays = convert_svhn(SimpleNamespace(data=data, labels=np.array([1, 2])))
    assert arrays["images"].shape == (2, 32, 32, 3)
    assert (arrays["images"][0] == (0, 0, 9)).all()


def drawing():
    paper = np.full((105, 105), 255, np.uint8)
    paper[50:53, 20:85] = 0
    return Image.fromarray(paper)


def test_omniglot_becomes_white_on_black_with_wider_lines():
    arrays = convert_omniglot([(drawing(), 3), (drawing(), 4)])
    thick, thin = arrays["images"][0], arrays["images_thin"][0]
    assert thick.shape == thin.shape == (28, 28)
    assert thin[:8].max() == thick[:8].max() == 0
    assert thick[13].max() > 200
    # a line of 3 pixels that gains one on either side has 5 thirds of its ink
    assert thick.sum() / thin.sum() == pytest.approx(5 / 3, rel=0.1)
    assert arrays["labels"].tolist() == [3, 4]
    assert not arrays["graded"]


def test_usps_and_qmnist_become_known_digits_and_no_unknown_set(tmp_path):
    small = np.full((3, 16, 16), 255, np.uint8)
    classes = SimpleNamespace(
        USPS=given(data=small, targets=[0, 5, 9]),
        QMNIST=given(data=IMAGES, targets=np.tile(LABELS[:, None], 8)),
    )
    fetch("usps", tmp_path, classes)
    fetch("qmnist", tmp_path, classes)
    assert load_public_unknowns(tmp_path) == ()
    qmnist, usps = load_other_digits(tmp_path)
    np.testing.assert_array_equal(qmnist.images, IMAGES)
    assert qmnist.labels.tolist() == [1, 2, 3, 4]
    assert usps.labels.tolist() == [0, 5, 9]
    assert (usps.images[:, 4:24, 4:24] == 255).all()
    assert usps.images.sum() == 3 * 400 * 255


def test_a_large_set_is_cut_to_the_same_images_each_time(numbered, numbers):
    images, flag = numbered(12_000), np.array(True)
    arrays = {"images": images, "labels": np.arange(12_000), "known": flag}
    first, again = cut(arrays, "svhn"), cut(arrays, "svhn")
    assert len(first["images"]) == MOST_STORED
    np.testing.assert_array_equal(numbers(first["images"]), first["labels"])
    np.testing.assert_array_equal(first["labels"], again["labels"])
    assert first["known"] == flag


def test_every_recipe_names_a_class_that_torchvision_has():
    # read, not imported: the import takes seconds
    from importlib.util import find_spec

    folder = Path(find_spec("torchvision").origin).parent / "datasets"
    names = (folder / "__init__.py").read_text()
    for recipe in RECIPES.values():
        assert f'"{recipe.source}"' in names


def test_recipes_with_arrays_make_one_npz_of_their_name():
    for name, recipe in RECIPES.items():
        if recipe.to_arrays:
            assert recipe.files == (Path(f"{name}.npz"),)
