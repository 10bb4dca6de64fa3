"""Files in the formats that the loaders read, made small and by independent means."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from datasets import Profile, load

WriteIdx = Callable[[Path, np.ndarray], Path]


@pytest.fixture(scope="session")
def write_idx() -> WriteIdx:
    def write(path: Path, array: np.ndarray) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        path.write_bytes(header + array.astype(np.uint8).tobytes())
        return path

    return write


def numbered_images(count: int) -> np.ndarray:
    """Images whose first four pixels spell their index, so that a test knows each one again."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 0, :4] = np.arange(count, dtype=">u4").view(np.uint8).reshape(count, 4)
    images[:, 14, 10:18] = 200
    return images


def numbers_of(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(images[:, 0, :4]).view(">u4").ravel().astype(int)


@pytest.fixture(scope="session")
def numbers() -> Callable[[np.ndarray], np.ndarray]:
    return numbers_of


@pytest.fixture(scope="session")
def mnist_files(tmp_path_factory: pytest.TempPathFactory, write_idx: WriteIdx) -> Path:
    """A folder laid out like MNIST's, of MNIST's size, with made-up images."""
    root = tmp_path_factory.mktemp("mnist")
    for prefix, count in (("train", 60_000), ("t10k", 10_000)):
        write_idx(root / f"MNIST/raw/{prefix}-images-idx3-ubyte", numbered_images(count))
        write_idx(root / f"MNIST/raw/{prefix}-labels-idx1-ubyte", np.arange(count) % 10)
    return root


@pytest.fixture(scope="session")
def digits_profile() -> Profile:
    return load("digits", Path("/no/such/root"))


@pytest.fixture
def mnist_root(mnist_files: Path, tmp_path: Path) -> Path:
    """The same in a data root of the test's own, to which it may add sets."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "MNIST").symlink_to(mnist_files / "MNIST")
    return root


@pytest.fixture(scope="session")
def numbered() -> Callable[[int], np.ndarray]:
    return numbered_images
