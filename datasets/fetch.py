"""Downloading image sets, through torchvision and its check sums."""

import contextlib
import io
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from datasets import convert
from datasets.errors import DataError
from datasets.files import write_whole
from datasets.idx import find_idx
from datasets.mnist import FOLDER, TEST, TRAIN

# What torchvision's classes raise when the network, a check sum or an archive fails them.
FAILURES = (
    RuntimeError,
    OSError,
    HTTPException,
    EOFError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Recipe:
    """How one set is fetched.

    Attributes:
        title: what it is, in a few words.
        source: the name of torchvision's class.
        files: what it becomes under the data root.
        options: what the class is called with.
        to_arrays: makes the arrays of the one `.npz` in `files`; None where `files` are kept as
            they come.
    """

    title: str
    source: str
    files: tuple[Path, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    to_arrays: Callable[[Any], convert.Arrays] | None = None


def _test_files(folder: str, prefix: str = "t10k") -> tuple[Path, ...]:
    names = (f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte")
    return tuple(Path(folder, "raw", name) for name in names)


RECIPES: Mapping[str, Recipe] = {
    "mnist": Recipe(
        "handwritten digits: the known classes",
        "MNIST",
        tuple(FOLDER / name for name in (*TRAIN, *TEST)),
    ),
    "fashion_mnist": Recipe("clothes", "FashionMNIST", _test_files("FashionMNIST")),
    "kmnist": Recipe("Japanese characters", "KMNIST", _test_files("KMNIST")),
    "cifar10": Recipe(
        "animals and vehicles",
        "CIFAR10",
        (Path("cifar10.npz"),),
        {"train": False},
        convert.convert_cifar10,
    ),
    "svhn": Recipe(
        "house numbers", "SVHN", (Path("svhn.npz"),), {"split": "test"}, convert.convert_svhn
    ),
    "emnist": Recipe(
        "handwritten letters, a download of 0.5 GB",
        "EMNIST",
        _test_files("EMNIST", "emnist-letters-test"),
        {"split": "letters", "train": False},
    ),
    "omniglot": Recipe(
        "characters of 20 alphabets",
        "Omniglot",
        (Path("omniglot.npz"),),
        {"background": False},
        convert.convert_omniglot,
    ),
    "qmnist": Recipe(
        "digits of other writers, known",
        "QMNIST",
        (Path("qmnist.npz"),),
        {"what": "test50k"},
        convert.convert_qmnist,
    ),
    "usps": Recipe(
        "digits from envelopes, known",
        "USPS",
        (Path("usps.npz"),),
        {"train": False},
        convert.convert_usps,
    ),
}


def is_fetched(name: str, root: Path) -> bool:
    """Whether all files of a set are under the data root, packed (.gz) or not."""
    return all(find_idx(root / file) for file in RECIPES[name].files)


def fetch(name: str, root: Path, classes: ModuleType) -> None:
    """Downloads one set and puts its files under the data root, all of them or none.

    Everything happens in a folder of its own inside the root until the files are complete, so an
    interrupted download leaves nothing that a loader could take for a set.

    Args:
        name: a key of `RECIPES`.
        root: the data root; it is made where it is missing.
        classes: `torchvision.datasets`.

    Raises:
        DataError: the download fails, or the root cannot be written.
    """
    recipe = RECIPES[name]
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=root) as folder:
            dataset = _download(name, recipe, Path(folder), classes)
            if recipe.to_arrays:
                _store(recipe.to_arrays(dataset), name, root / recipe.files[0])
            else:
                _keep(recipe.files, Path(folder), root)
    except OSError as error:
        raise DataError(f"{root}: cannot be written ({error.strerror or error})") from error


def _download(name: str, recipe: Recipe, folder: Path, classes: ModuleType) -> Any:
    try:
        # torchvision reports each mirror that fails on standard output; its progress bar, on
        # standard error, stays.
        with contextlib.redirect_stdout(io.StringIO()):
            return getattr(classes, recipe.source)(str(folder), download=True, **recipe.options)
    except FAILURES as error:
        lines = [line for line in str(error).splitlines() if line.strip()] or [repr(error)]
        raise DataError(
            f"{name} could not be downloaded ({lines[-1].strip()}); nothing was written; "
            f"try again, or copy its files to the data root by hand"
        ) from error


def _keep(files: tuple[Path, ...], folder: Path, root: Path) -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.move(folder / file, root / file)


def _store(arrays: convert.Arrays, name: str, path: Path) -> None:
    chosen: dict[str, Any] = convert.cut(arrays, name)
    write_whole(path, lambda file: np.savez_compressed(file, **chosen))
