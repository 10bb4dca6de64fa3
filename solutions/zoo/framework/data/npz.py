"""Any `NAME.npz` under the data root with `images` and `labels`: CIFAR-10, or a set of one's own.

The file has no split into training and test, so this makes one, always the same for a file's name.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from datasets import DataError, data_root
from datasets.fetch import RECIPES
from datasets.npz import read_npz_array, read_npz_header
from datasets.resize import grey as to_grey
from datasets.resize import resize
from datasets.splits import stratified_split
from solutions.errors import UserError
from solutions.zoo.framework.data.open_set import (
    OpenSet,
    Pixels,
    as_images,
    chosen,
    require_classes,
)

SPLIT_SEED = 82


def from_npz(
    name: str,
    known: Sequence[int],
    unknown: Sequence[int] | None = None,
    test_share: float = 1 / 3,
    grey: bool = False,
    size: int | None = None,
) -> OpenSet:
    """Some classes of a file known, others unknown.

    Args:
        name: Of the file, without `.npz`.
        known: Labels of the known classes.
        unknown: Those of the unknown ones; all others by default.
        test_share: Share of each known class that is tested on, between 0 and 1. Of the unknown
            classes everything is.
        grey: Turn colour into grey.
        size: Height and width to resize to; as they are by default.

    Raises:
        UserError: Classes are not there, or overlap, or the share or the size is none.
        DataError: The file is missing or broken.
    """
    if not 0 < test_share < 1:
        raise UserError(f"data.test_share is a share between 0 and 1, not {test_share}")
    path = _file(name)
    pixels, labels = _read(path, grey, size)
    there = np.unique(labels).tolist()
    classes = require_classes(known, there, "data.known")
    rest = [label for label in there if label not in classes] if unknown is None else unknown
    others = require_classes(rest, there, "data.unknown")
    if set(classes) & set(others):
        raise UserError(f"known and unknown at once: class {min(set(classes) & set(others))}")
    count = int(np.isin(labels, classes).sum())
    members = np.flatnonzero(np.isin(labels, classes))
    tests = max(1, round(test_share * count))
    train, test = (
        members[part]
        for part in stratified_split(labels[members], (count - tests, tests), SPLIT_SEED)
    )
    return OpenSet(
        about=f"{path.name}, {len(labels):,} images, split here: {len(train):,} known to learn "
        f"from, {len(test):,} to test on; classes {_listed(classes)} known, "
        f"{_listed(others)} unknown",
        known=chosen(pixels[train], labels[train], classes),
        test=chosen(pixels[test], labels[test], classes),
        unknowns={"other_classes": as_images(pixels[np.isin(labels, others)])},
        classes=classes,
    )


def _file(name: str) -> Path:
    """The file of this name under the data root.

    Raises:
        DataError: It is not there; says which command brings it, or what there is.
    """
    root = data_root()
    path = root / f"{name}.npz"
    if path.is_file():
        return path
    if path.name in {file.name for recipe in RECIPES.values() for file in recipe.files}:
        raise DataError(
            f"no {path}: fetch it (python -m datasets fetch {name}) or name its folder in OSR_DATA"
        )
    there = sorted(file.stem for file in root.glob("[!.]*.npz"))
    near = difflib.get_close_matches(name, there, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(there) or 'none'}"
    raise DataError(f"no {path}: {hint}")


def _read(path: Path, grey: bool, size: int | None) -> tuple[Pixels, np.ndarray]:
    """Pixels (N, H, W) or (N, H, W, 3) and labels int64 (N,)."""
    read_npz_header(path)  # refuses what is no image set before its images are read
    pixels = read_npz_array(path, "images").astype(np.uint8, copy=False)
    labels = read_npz_array(path, "labels").astype(np.int64)
    if grey and pixels.ndim == 4:
        pixels = to_grey(pixels)
    if size is None or pixels.shape[1:3] == (size, size):
        return pixels, labels
    if size < 1:
        raise UserError(f"data.size is a number of pixels, not {size}")
    if pixels.ndim == 3:
        return resize(pixels, size, size), labels
    planes = [resize(pixels[..., channel], size, size) for channel in range(pixels.shape[3])]
    return np.stack(planes, axis=-1), labels


def _listed(labels: Sequence[int]) -> str:
    return ", ".join(map(str, labels))
