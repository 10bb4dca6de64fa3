"""Image sets in `NAME.npz` files: those that `fetch` converts, and an instructor's own.

Such a file holds
    images  (N, H, W) uint8, 0 background to 255 ink, or (N, H, W, 3) uint8 in colour;
    labels  (N,) integers: any classes for an unknown set, 0 to 9 for known digits;
    graded  optional, one bool: false for a set that is reported and is no part of a mark;
    known   optional, one bool: true for digits of other writers, which are no unknown set.
"""

import lzma
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets.errors import DataError

# What zipfile and NumPy raise at files that are damaged, encrypted or something else.
BROKEN = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    MemoryError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    tokenize.TokenError,
)


@dataclass(frozen=True)
class NpzHeader:
    """What a file says of itself without its images being read.

    Attributes:
        shape: that of `images`.
        graded: what it says of itself, or None.
        known: whether these are known digits.
        bundle: whether it is a hidden bundle, which is no image set.
    """

    shape: tuple[int, ...]
    graded: bool | None
    known: bool
    bundle: bool


def read_npz_header(path: Path) -> NpzHeader:
    """The header of a `.npz` set.

    Raises:
        DataError: the file cannot be read, or is no image set.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
            if not {"images.npy", "labels.npy"} <= members:
                raise DataError(f"{path}: must hold `images` and `labels`, not {sorted(members)}")
            shape, kind = _array_header(archive, "images.npy")
            labels, label_kind = _array_header(archive, "labels.npy")
            graded = _flag(archive, "graded.npy", path) if "graded.npy" in members else None
            known = "known.npy" in members and _flag(archive, "known.npy", path)
    except BROKEN as error:
        raise DataError(f"{path}: cannot be read as .npz ({error})") from error
    if kind != np.uint8 or len(shape) not in (3, 4) or shape[3:] not in ((), (3,)) or 0 in shape:
        raise DataError(
            f"{path}: `images` must be uint8 (N, H, W) or (N, H, W, 3), not {kind} {shape}"
        )
    if label_kind.kind not in "iu" or labels != shape[:1]:
        raise DataError(
            f"{path}: `labels` must be {shape[0]} integers, one an image, not {label_kind} {labels}"
        )
    return NpzHeader(shape, graded, known, bundle="manifest.npy" in members)


def read_npz_array(path: Path, name: str) -> NDArray[np.generic]:
    """One array of a `.npz` file; a pickled one is refused.

    Raises:
        DataError: the file or the array cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
            array: NDArray[np.generic] = np.lib.format.read_array(member, allow_pickle=False)
            return array
    except (*BROKEN, KeyError) as error:
        raise DataError(f"{path}: its `{name}` cannot be read ({error})") from error


def has_array(path: Path, name: str) -> bool:
    """Whether a `.npz` file holds an array of this name.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return f"{name}.npy" in archive.namelist()
    except BROKEN as error:
        raise DataError(f"{path}: cannot be read as .npz ({error})") from error


def _array_header(archive: zipfile.ZipFile, member: str) -> tuple[tuple[int, ...], np.dtype]:
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        if version not in read:
            raise ValueError(f"{member} is in version {version} of NumPy's format")
        shape, _, kind = read[version](stream)
        return shape, kind


def _flag(archive: zipfile.ZipFile, member: str, path: Path) -> bool:
    with archive.open(member) as stream:
        value = np.lib.format.read_array(stream, allow_pickle=False)
    if value.dtype != np.bool_ or value.shape != ():
        raise DataError(
            f"{path}: `{member[:-4]}` must be one bool, not {value.dtype} {value.shape}"
        )
    return bool(value)
