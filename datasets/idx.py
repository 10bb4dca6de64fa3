"""The IDX format that MNIST and its relatives are stored in, read with NumPy alone.

Two zero bytes, a byte for the element type, a byte for the number of dimensions, each dimension
as a big-endian 32-bit number, then the elements in row-major order.
Source: http://yann.lecun.com/exdb/mnist/ ("the IDX file format").
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets.errors import DataError
from datasets.image_set import SIDE

UNSIGNED_BYTE = 0x08
LONGEST_HEADER = 4 + 4 * 255


def find_idx(path: Path) -> Path | None:
    """The file itself, else the same with `.gz` behind it, else None."""
    packed = path.with_name(path.name + ".gz")
    return next((file for file in (path, packed) if file.is_file()), None)


def idx_shape(path: Path) -> tuple[int, ...]:
    """The shape that an IDX file announces, without reading its elements.

    Raises:
        DataError: there is no such file, or it does not begin like IDX of unsigned bytes.
    """
    return _parse_header(_head(_existing(path)), path)[0]


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes as a read-only array.

    A plain file is mapped into memory, so indexing it costs the memory of what is taken;
    a packed one (`path` with `.gz`, taken where the plain file is missing) is unpacked whole.

    Raises:
        DataError: the file is missing, is not IDX of unsigned bytes, or is too short or too long.
    """
    file = _existing(path)
    shape, start = _parse_header(_head(file), file)
    wanted = start + math.prod(shape)
    if file.suffix == ".gz":
        content = _unpack(file)
        _check_size(file, len(content), wanted)
        return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
    _check_size(file, file.stat().st_size, wanted)
    return np.memmap(file, dtype=np.uint8, mode="r", offset=start, shape=shape)


def read_labelled(images: Path, labels: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A pair of IDX files, read-only: images (N, 28, 28) uint8 and labels (N,) uint8.

    Raises:
        DataError: either file is broken, or the two do not belong together.
    """
    pictures, classes = read_idx(images), read_idx(labels)
    if pictures.ndim != 3 or pictures.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{images}: holds {pictures.shape}, not images of {SIDE} by {SIDE}")
    if classes.shape != (len(pictures),):
        raise DataError(f"{labels}: holds {classes.shape} labels for {len(pictures)} images")
    return pictures, classes


def _existing(path: Path) -> Path:
    file = find_idx(path)
    if file is None:
        raise DataError(f"{path}: no such file, packed (.gz) or not")
    return file


def _head(file: Path) -> bytes:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            return stream.read(LONGEST_HEADER)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: cannot be read ({error}); fetch it again") from error


def _unpack(file: Path) -> bytes:
    try:
        return gzip.decompress(file.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: cannot be unpacked ({error}); fetch it again") from error


def _parse_header(head: bytes, file: Path) -> tuple[tuple[int, ...], int]:
    """The shape, and the number of bytes before the first element."""
    if len(head) < 4 or head[:2] != b"\0\0" or head[3] == 0:
        raise DataError(
            f"{file}: is not an IDX file (it begins with {head[:4].hex() or 'nothing'})"
        )
    if head[2] != UNSIGNED_BYTE:
        raise DataError(f"{file}: holds elements of type 0x{head[2]:02x}, not bytes (0x08)")
    dimensions = head[3]
    start = 4 + 4 * dimensions
    if len(head) < start:
        raise DataError(f"{file}: ends within its header; fetch it again")
    shape = struct.unpack(f">{dimensions}I", head[4:start])
    if math.prod(shape) == 0:
        raise DataError(f"{file}: holds nothing (its shape is {shape})")
    return shape, start


def _check_size(file: Path, size: int, wanted: int) -> None:
    if size != wanted:
        fault = "is cut short" if size < wanted else "is too long"
        raise DataError(f"{file}: {fault}, {size:,} bytes instead of {wanted:,}; fetch it again")
