"""The image sets beside MNIST that lie under the data root, and how images are taken from them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets.errors import DataError
from datasets.idx import find_idx, idx_shape, read_idx
from datasets.image_set import SIDE, ImageSet, unknown_set
from datasets.npz import NpzHeader, read_npz_array, read_npz_header
from datasets.resize import grey, resize
from datasets.seeds import stream

# Where torchvision's classes unpack to. EMNIST's images are stored with rows and columns swapped.
IDX_FILES = {
    "fashion_mnist": "FashionMNIST/raw/t10k-images-idx3-ubyte",
    "kmnist": "KMNIST/raw/t10k-images-idx3-ubyte",
    "emnist_letters": "EMNIST/raw/emnist-letters-test-images-idx3-ubyte",
}
TRANSPOSED = {"emnist_letters"}

# Characters by hand: some are digits to any eye, and no method known to us rejects them all.
NOT_GRADED = {"emnist_letters", "omniglot"}

# Made here from a seed, so no file may take their names.
GENERATED = {"digits", "letters", "lookalikes", "photographs", "noise", "mnist_noise"}

MOST_PUBLIC = 2000  # images a set
ORDER_SEED = 7


@dataclass(frozen=True)
class Source:
    """An image set on disk, not read yet.

    Attributes:
        family: its name, which is its family's too.
        file: the IDX file of its images, or its `.npz`.
        count: how many images it has.
        graded: False for a set that is reported and is no part of a mark.
        known: whether these are digits of other writers.
    """

    family: str
    file: Path
    count: int
    graded: bool = True
    known: bool = False


def find_sources(root: Path) -> tuple[Source, ...]:
    """Every set under the data root, in a fixed order; MNIST itself is not among them.

    Raises:
        DataError: a file cannot be read, or bears a name that is taken.
    """
    packed = [_idx_source(family, root / name) for family, name in IDX_FILES.items()]
    files = sorted(root.glob("[!.]*.npz"))
    return tuple(source for source in (*packed, *map(_npz_source, files)) if source)


def load_public_unknowns(root: Path) -> tuple[ImageSet, ...]:
    """Of every unknown set under the data root at most 2,000 images, always the same ones.

    Raises:
        DataError: a set is broken.
    """
    return tuple(
        unknown_set(
            source.family,
            read_images(source, np.sort(source_order(source)[:MOST_PUBLIC])),
            graded=source.graded,
        )
        for source in find_sources(root)
        if not source.known
    )


def load_other_digits(root: Path) -> tuple[ImageSet, ...]:
    """Known digits of other writers, labels 0 to 9: every `.npz` with `known`, whole.

    They belong to no profile. USPS and QMNIST become such sets when they are fetched.

    Raises:
        DataError: a set is broken, or has labels above 9.
    """
    return tuple(_other_digits(source) for source in find_sources(root) if source.known)


def source_order(source: Source) -> NDArray[np.intp]:
    """All indices of a source in the fixed order in which they are dealt out, public ones first."""
    return stream(ORDER_SEED, source.family).permutation(source.count)


def read_images(source: Source, indices: NDArray[np.intp]) -> NDArray[np.uint8]:
    """These images of a source as (len(indices), 28, 28) uint8, in grey.

    Raises:
        DataError: the file is broken.
    """
    if source.file.suffix == ".npz":
        images = read_npz_array(source.file, "images")[indices].astype(np.uint8, copy=False)
    else:
        images = np.asarray(read_idx(source.file))[indices]
    if source.family in TRANSPOSED:
        images = images.transpose(0, 2, 1).copy()
    if images.ndim == 4:
        images = grey(images)
    return images if images.shape[1:] == (SIDE, SIDE) else resize(images, SIDE, SIDE)


def _idx_source(family: str, path: Path) -> Source | None:
    if find_idx(path) is None:
        return None
    shape = idx_shape(path)
    if len(shape) != 3:
        raise DataError(f"{path}: holds {shape}, not images")
    return Source(family, path, shape[0], graded=family not in NOT_GRADED)


def _npz_source(file: Path) -> Source | None:
    family = file.stem
    header: NpzHeader = read_npz_header(file)
    if header.bundle:  # an instructor's hidden bundle, left in this folder
        return None
    if family in GENERATED or family in IDX_FILES:
        raise DataError(f"{file}: the name {family} is taken by another set; rename the file")
    graded = family not in NOT_GRADED if header.graded is None else header.graded
    return Source(family, file, header.shape[0], graded, header.known)


def _other_digits(source: Source) -> ImageSet:
    images = read_images(source, np.arange(source.count))
    labels = read_npz_array(source.file, "labels").astype(np.int64)
    if labels.min() < 0 or labels.max() > 9:
        raise DataError(f"{source.file}: says `known`, so its labels must be digits, 0 to 9")
    return ImageSet(source.family, "digits", images, labels, graded=False)
