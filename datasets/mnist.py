"""The `mnist` profile's known classes: the 70,000 digits of MNIST, from its four IDX files.

Source: Y. LeCun, C. Cortes and C. Burges, http://yann.lecun.com/exdb/mnist/ (CC BY-SA 3.0).
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets.errors import DataError
from datasets.idx import find_idx, read_labelled
from datasets.image_set import ImageSet
from datasets.splits import stratified_split

FOLDER = Path("MNIST", "raw")
TRAIN = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
COUNTS = {TRAIN: 60_000, TEST: 10_000}
SPLIT_SIZES = (55_000, 5_000)  # train, held out
SPLIT_SEED = 1998


def missing_mnist_files(root: Path) -> list[Path]:
    """Those of MNIST's four files that are not under the data root, packed (.gz) or not."""
    files = [root / FOLDER / name for name in (*TRAIN, *TEST)]
    return [file for file in files if find_idx(file) is None]


def load_mnist_training(root: Path) -> tuple[ImageSet, ImageSet]:
    """MNIST's 60,000 training digits: 55,000 to train on and 5,000 held out for the threshold.

    Raises:
        DataError: the files are missing, broken or not MNIST's.
    """
    images, labels = _read(root, TRAIN)
    train, heldout = stratified_split(labels, SPLIT_SIZES, SPLIT_SEED)
    return (
        ImageSet("mnist-train", "digits", images[train], labels[train]),
        ImageSet("mnist-heldout", "digits", images[heldout], labels[heldout]),
    )


def load_mnist_test(root: Path) -> ImageSet:
    """MNIST's 10,000 test digits.

    Raises:
        DataError: the files are missing, broken or not MNIST's.
    """
    images, labels = _read(root, TEST)
    return ImageSet("mnist-test", "digits", np.array(images), labels)


def _read(root: Path, names: tuple[str, str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images that may still be on disk (N, 28, 28), and labels (N,) int64."""
    images, labels = read_labelled(*(root / FOLDER / name for name in names))
    if len(images) != COUNTS[names]:
        raise DataError(
            f"{root / FOLDER / names[0]}: holds {len(images):,} images, not MNIST's "
            f"{COUNTS[names]:,}; fetch it again (python -m datasets fetch mnist --force)"
        )
    if labels.max() > 9:
        raise DataError(f"{root / FOLDER / names[1]}: holds the label {labels.max()}, above 9")
    # Plain arrays: what is indexed out of a memory map would carry its class along.
    return np.asarray(images), labels.astype(np.int64)
