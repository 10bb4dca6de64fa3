"""Confusion matrices: rows are the truth, columns the prediction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import confusion_matrix

from datasets.image_set import UNKNOWN
from solutions.errors import UserError
from solutions.zoo.metrics.checked import as_classes, require_same_length

Counts = NDArray[np.int64]


def confusion(labels: ArrayLike, predictions: ArrayLike, num_known: int = 10) -> Counts:
    """How many images of each class were taken for each; eleven-way for ten known classes.

    Args:
        labels: int (N,), the truth: 0 to K - 1, or 10.
        predictions: int (N,), the same range, after rejection.
        num_known: How many known classes there are, K, 1 to 10.

    Returns:
        int64 (K + 1, K + 1), unknown last.

    Raises:
        UserError: There is no image, the shapes differ, or a value is no class.
    """
    truth = as_classes(labels, "labels", num_known)
    said = as_classes(predictions, "predictions", num_known)
    require_same_length(labels=truth, predictions=said)
    counts = confusion_matrix(truth, said, labels=[*range(num_known), UNKNOWN])
    return np.asarray(counts, dtype=np.int64)


def known_unknown_confusion(counts: ArrayLike) -> Counts:
    """The same images told apart as known and unknown alone.

    Args:
        counts: int (K + 1, K + 1) of `confusion`, unknown last.

    Returns:
        int64 (2, 2): known, unknown.

    Raises:
        UserError: Not a square of at least two.
    """
    table = as_table(counts).astype(np.int64)
    inner = table[:-1, :-1].sum()
    return np.array([[inner, table[:-1, -1].sum()], [table[-1, :-1].sum(), table[-1, -1]]])


def row_shares(counts: ArrayLike) -> NDArray[np.float64]:
    """Each row's shares of its own sum; a class without an image has zeros.

    Args:
        counts: (C, C), at least 0.

    Returns:
        float64 (C, C), in [0, 1].

    Raises:
        UserError: Not a square of at least two.
    """
    table = as_table(counts).astype(np.float64)
    sums = table.sum(axis=1, keepdims=True)
    return table / np.where(sums > 0, sums, 1)


def as_table(counts: ArrayLike) -> NDArray[np.generic]:
    """A square of numbers, of at least two rows.

    Raises:
        UserError: It is something else, or holds NaN or a negative number.
    """
    table = np.asarray(counts)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 2:
        raise UserError(f"a confusion matrix is (C, C) for at least two classes, not {table.shape}")
    if not np.all(table >= 0):
        raise UserError("a confusion matrix counts images: a number in it is negative or NaN")
    return table
