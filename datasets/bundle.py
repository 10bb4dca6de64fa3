"""A hidden bundle: one `.npz` of images, labels, family names and a manifest.

The file holds `images` (N, 28, 28) uint8, `labels` (N,) int64, `families` (N,) text and
`manifest`, a JSON text:

    {"schema": "osr-hidden/1", "profile": "digits", "seed": 7, "created_by": "open-set-lab 0.1.0",
     "families": [{"family": "digits", "count": 500, "graded": true}, ...], "sha256": "..."}

The known digits come first. The SHA-256 is over the arrays and the rest of the manifest: it tells
damage and careless edits. It is no signature, since whoever edits the file on purpose can renew it.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import DataError
from datasets.files import write_whole
from datasets.image_set import UNKNOWN, ImageSet
from datasets.npz import read_npz_array

SCHEMA = "osr-hidden/1"
KNOWN_FAMILY = "digits"
REPAIR = "copy it again from where it was built, or build another (python -m datasets hidden build)"


@dataclass(frozen=True, eq=False)
class Bundle:
    """The hidden sets, with what the file says of itself."""

    known: ImageSet
    unknowns: tuple[ImageSet, ...]
    manifest: dict[str, Any]


def write_bundle(path: Path, known: ImageSet, unknowns: tuple[ImageSet, ...], **facts: Any) -> None:
    """Writes a bundle; the same sets and facts give the same bytes.

    Args:
        path: the file; one that is there is replaced.
        known: the hidden digits.
        unknowns: the hidden unknown sets, each of a family of its own.
        facts: what else the manifest should say, as JSON values.

    Raises:
        DataError: the file cannot be written.
    """
    sets = (known, *unknowns)
    images = np.concatenate([part.images for part in sets])
    labels = np.concatenate([part.labels for part in sets])
    families = np.repeat([part.family for part in sets], [len(part) for part in sets])
    summary = [{"family": part.family, "count": len(part), "graded": part.graded} for part in sets]
    manifest = {"schema": SCHEMA, **facts, "families": summary}
    manifest["sha256"] = _digest(images, labels, families, manifest)
    arrays: dict[str, Any] = {"images": images, "labels": labels, "families": families}
    arrays["manifest"] = np.array(json.dumps(manifest))
    # NumPy dates every member of the archive 1980, so time leaves no trace in the bytes.
    write_whole(path, lambda file: np.savez_compressed(file, **arrays))


def read_bundle(path: Path | str) -> Bundle:
    """A bundle, after checking its schema, its counts and its SHA-256.

    Raises:
        DataError: the file is missing, is no bundle, or is not what its manifest says.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(
            f"{path}: no such hidden bundle (python -m datasets hidden build makes one)"
        )
    manifest = _manifest(path)
    images, labels, families = (_read(path, name) for name in ("images", "labels", "families"))
    if _digest(images, labels, families, manifest) != manifest["sha256"]:
        raise DataError(f"{path}: was changed after it was built, its SHA-256 differs; {REPAIR}")
    try:
        known, *unknowns = (
            _pick(entry, images, labels, families) for entry in manifest["families"]
        )
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise DataError(
            f"{path}: its manifest does not fit its arrays ({error!r}); {REPAIR}"
        ) from error
    wrong = [part.family for part in unknowns if (part.labels != UNKNOWN).any()]
    if wrong or known.family != KNOWN_FAMILY or (known.labels == UNKNOWN).any():
        raise DataError(
            f"{path}: digits must come first and have labels 0 to 9, all else {UNKNOWN}; {REPAIR}"
        )
    is_graded = known.graded and any(part.graded for part in unknowns)
    if not is_graded or not all(map(len, (known, *unknowns))):
        raise DataError(
            f"{path}: holds a set without images, or grades no digits or no unknown set; {REPAIR}"
        )
    if len(known) + sum(map(len, unknowns)) != len(images):
        raise DataError(
            f"{path}: holds {len(images)} images, which its manifest does not add up to; {REPAIR}"
        )
    return Bundle(known, tuple(unknowns), manifest)


def _read(path: Path, name: str) -> NDArray[Any]:
    try:
        return read_npz_array(path, name)
    except DataError as error:
        raise DataError(f"{error}; {REPAIR}") from error


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(str(_read(path, "manifest")))
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{path}: its manifest is not JSON ({error}); {REPAIR}") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise DataError(f"{path}: is no hidden bundle of schema {SCHEMA}; {REPAIR}")
    if not isinstance(manifest.get("sha256"), str):
        raise DataError(f"{path}: its manifest has no SHA-256; {REPAIR}")
    return manifest


def _pick(
    entry: dict[str, Any],
    images: NDArray[Any],
    labels: NDArray[Any],
    families: NDArray[Any],
) -> ImageSet:
    family = entry["family"]
    chosen = families == family
    if chosen.sum() != entry["count"]:
        raise ValueError(f"{family}: {chosen.sum()} images instead of {entry['count']}")
    return ImageSet(
        f"hidden-{family}", family, images[chosen], labels[chosen], bool(entry["graded"])
    )


def _digest(
    images: NDArray[Any], labels: NDArray[Any], families: NDArray[Any], manifest: dict[str, Any]
) -> str:
    """SHA-256 over the arrays, their shapes and types, and the manifest without its digest."""
    digest = hashlib.sha256()
    for array in (images, labels, families):
        digest.update(f"{array.dtype.str} {array.shape};".encode())
        digest.update(array.tobytes())
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    digest.update(json.dumps(rest, sort_keys=True).encode())
    return digest.hexdigest()
