"""Arguments of the metrics, checked once: a wrong one is a line, not a NaN in a table."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from datasets.image_set import UNKNOWN
from solutions.errors import UserError

Scores = NDArray[np.float64]  # (N,), high = more likely unknown
Classes = NDArray[np.int64]  # (N,), 0 to K - 1, or 10
Mask = NDArray[np.bool_]  # (N,)


def as_scores(scores: ArrayLike, of: str) -> Scores:
    """Scores as float64 (N,), N >= 1.

    Args:
        scores: Numbers, (N,).
        of: Whose they are, for the message.

    Raises:
        UserError: They are not numbers, not (N,), none at all, NaN or infinite.
    """
    try:
        values = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"the scores of {of} are not numbers: {error}") from error
    _require_rows(values, f"the scores of {of}")
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise UserError(
            f"the scores of {of} are NaN or infinite at {len(bad)} of {len(values)} images, "
            f"first at {bad[0]}: look at what the method gave for that image"
        )
    return values


def as_sides(known_scores: ArrayLike, unknown_scores: ArrayLike) -> tuple[Scores, Scores]:
    """The scores of known images (N,) and of unknown images (M,), each at least one.

    Raises:
        UserError: As `as_scores`.
    """
    return as_scores(known_scores, "known images"), as_scores(unknown_scores, "unknown images")


def as_classes(classes: ArrayLike, of: str, num_known: int, *, unknown: bool = True) -> Classes:
    """Classes as int64 (N,), N >= 1.

    Args:
        classes: Integers, (N,).
        of: What they are, for the message.
        num_known: How many known classes there are, K, 1 to 10.
        unknown: Whether 10 is among what they may be.

    Raises:
        UserError: They are not integers, not (N,), none at all, or none of the classes.
    """
    if not 1 <= num_known <= UNKNOWN:
        raise UserError(f"{num_known} known classes: {UNKNOWN} is unknown, so 1 to {UNKNOWN} fit")
    values = np.asarray(classes)
    _require_rows(values, of)
    if not np.issubdtype(values.dtype, np.integer):
        raise UserError(f"{of} are integers, not {values.dtype}")
    is_class = (values >= 0) & (values < num_known) | (unknown & (values == UNKNOWN))
    if not is_class.all():
        first = int(np.flatnonzero(~is_class)[0])
        also = f" or {UNKNOWN}, unknown" if unknown else ""
        raise UserError(
            f"{of} are 0 to {num_known - 1}{also}; {values[first]} at image {first} is not"
        )
    return values.astype(np.int64)


def as_mask(mask: ArrayLike, of: str) -> Mask:
    """Yes or no for each of N >= 1 images.

    Raises:
        UserError: Not (N,), none at all, or not booleans.
    """
    values = np.asarray(mask)
    _require_rows(values, of)
    if values.dtype != np.bool_:
        raise UserError(f"{of} is true or false for each image, not {values.dtype}")
    return values


def require_share(share: float, of: str) -> None:
    """Does nothing where `share` lies in [0, 1].

    Raises:
        UserError: It does not.
    """
    if not 0 <= share <= 1:
        raise UserError(f"{of} is {share}: it is a share, from 0 to 1")


def require_threshold(threshold: float) -> None:
    """Does nothing where `threshold` is a number; it may be infinite and then rejects nothing.

    Raises:
        UserError: It is NaN.
    """
    if math.isnan(threshold):
        raise UserError("the threshold is NaN: was it fitted to scores that are NaN?")


def require_same_length(**parts: NDArray[np.generic]) -> None:
    """Does nothing where all have a row an image.

    Args:
        parts: By the names that the message is to use.

    Raises:
        UserError: They differ; says how long each is.
    """
    if len({len(part) for part in parts.values()}) > 1:
        lengths = ", ".join(f"{len(part)} {name}" for name, part in parts.items())
        raise UserError(f"one of each an image is needed, and there are {lengths}")


def _require_rows(values: NDArray[np.generic], of: str) -> None:
    if values.ndim != 1:
        raise UserError(f"{of} are one an image, (N,), not {values.shape}")
    if not len(values):
        raise UserError(f"{of}: there are none, and the metric is defined on at least one image")
