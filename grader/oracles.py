"""What the tasks should compute, in float64 NumPy, by loops and definitions.

Independent of torch and of the reference solution: written from the problem sheet's formulas.
Beside each stand the usual mistakes, so that a failure can name the one it looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
EPSILON_INK = 0.05
UNKNOWN = 10
PARTS = ("known_accuracy", "unknown_accuracy", "total_accuracy")


def distances(embeddings: Array) -> Array:
    """Euclidean distances (N, N) of embeddings (N, D)."""
    difference = embeddings[:, None, :].astype(np.float64) - embeddings[None, :, :]
    return np.asarray(np.sqrt((difference**2).sum(axis=-1)))


def contrastive_loss(embeddings: Array, labels: Array, margin: float = 1.0) -> float:
    """Mean distance over ordered same-class pairs plus mean hinge over different-class pairs.

    After Hadsell, Chopra and LeCun (2006), with distances not squared and each mean on its own.
    """
    d = distances(embeddings)
    same = labels[:, None] == labels[None, :]
    positive = same & ~np.eye(len(labels), dtype=bool)
    hinge = np.maximum(0.0, margin - d)
    return _mean(d[positive]) + _mean(hinge[~same])


def contrastive_gradient(
    embeddings: Array, labels: Array, margin: float = 1.0, step: float = 1e-6
) -> Array:
    """Gradient (N, D) of `contrastive_loss` by central differences."""
    embeddings = embeddings.astype(np.float64)
    gradient = np.zeros_like(embeddings)
    for index in np.ndindex(embeddings.shape):
        moved = embeddings.copy()
        moved[index] += step
        above = contrastive_loss(moved, labels, margin)
        moved[index] -= 2 * step
        gradient[index] = (above - contrastive_loss(moved, labels, margin)) / (2 * step)
    return gradient


def contrastive_mistakes(embeddings: Array, labels: Array, margin: float) -> dict[str, float]:
    """Values that the usual mistakes give, by what to say about them."""
    d = distances(embeddings)
    same = labels[:, None] == labels[None, :]
    off = ~np.eye(len(labels), dtype=bool)
    positive, negative = same & off, ~same
    hinge = np.maximum(0.0, margin - d)
    pairs = max(1, int(off.sum()))
    pull, push = _mean(d[positive]), _mean(hinge[negative])
    return {
        "does the mean over same-class pairs include each sample with itself (the diagonal)?": (
            _mean(d[same]) + push
        ),
        "are the distances squared? The task asks for the plain Euclidean distance": (
            _mean(d[positive] ** 2) + push
        ),
        "are the distances and the hinge squared? The task squares neither": (
            _mean(d[positive] ** 2) + _mean(hinge[negative] ** 2)
        ),
        "is the hinge squared? The task asks for max(0, margin - d)": (
            pull + _mean(hinge[negative] ** 2)
        ),
        "are both sums divided by the number of all pairs? Each kind has a mean of its own": (
            (d[positive].sum() + hinge[negative].sum()) / pairs
        ),
        "are both sums divided by N²? Each kind of pair has a mean of its own": (
            (d[positive].sum() + hinge[negative].sum()) / len(labels) ** 2
        ),
        "is it a sum over pairs? The task asks for means": (
            float(d[positive].sum() + hinge[negative].sum())
        ),
        "is the margin term's sign reversed, max(0, d - margin)?": (
            pull + _mean(np.maximum(0.0, d - margin)[negative])
        ),
        "are same and different classes swapped?": _mean(d[negative]) + _mean(hinge[positive]),
        "is the hinge missing? max(0, margin - d), never below 0": (
            pull + _mean((margin - d)[negative])
        ),
        "is the margin argument used? It looks fixed at 1": (
            pull + _mean(np.maximum(0.0, 1.0 - d)[negative])
        ),
        "is the second term, for pairs of two classes, missing?": pull,
        "is the first term, for pairs of one class, missing?": push,
        "is the loss halved? Ordered pairs count twice in the sum and in the number": (
            (pull + push) / 2
        ),
        "are the embeddings normalised first? The task measures them as they are": (
            contrastive_loss(_normalised(embeddings), labels, margin)
        ),
    }


def ink(images: Array) -> Array:
    """Mean of (images + 1) / 2 of each sample, (N,)."""
    return np.asarray(((images.astype(np.float64) + 1) / 2).reshape(len(images), -1).mean(axis=1))


def reconstruction_error(images: Array, reconstruction: Array) -> Array:
    """Mean squared error of each sample divided by (ink + 0.05), (N,)."""
    return _mean_square(images, reconstruction) / (ink(images) + EPSILON_INK)


def error_mistakes(images: Array, reconstruction: Array) -> dict[str, Array]:
    """Errors that the usual mistakes give, by what to say about them."""
    mse = _mean_square(images, reconstruction)
    absolute = np.abs(images.astype(np.float64) - reconstruction).reshape(len(images), -1)
    brightness = images.astype(np.float64).reshape(len(images), -1).mean(axis=1)
    return {
        "is the error divided by the ink?": mse,
        "is the 0.05 missing?": mse / np.maximum(ink(images), 1e-12),
        "is the squared error summed? The task asks for the mean": (
            reconstruction_error(images, reconstruction) * images[0].size
        ),
        "is it the absolute error? The task asks for the squared error": (
            absolute.mean(axis=1) / (ink(images) + EPSILON_INK)
        ),
        "is the square root taken? The task asks for the mean squared error": (
            np.sqrt(mse) / (ink(images) + EPSILON_INK)
        ),
        "ink is the mean of (images + 1) / 2, not of the images themselves": (
            mse / (brightness + EPSILON_INK)
        ),
        "ink is measured on the images, not on the reconstruction": (
            mse / (ink(reconstruction) + EPSILON_INK)
        ),
        "ink belongs to each sample, not to the batch": (mse / (ink(images).mean() + EPSILON_INK)),
    }


def adaptive_threshold(errors: Array, z: float = 3.0) -> float:
    """Mean plus z sample standard deviations (n - 1)."""
    errors = errors.astype(np.float64)
    return float(errors.mean() + z * errors.std(ddof=1))


def threshold_mistakes(errors: Array, z: float) -> dict[str, float]:
    """Thresholds that the usual mistakes give, by what to say about them."""
    errors = errors.astype(np.float64)
    mean, deviation = errors.mean(), errors.std(ddof=1)
    return {
        "the sample standard deviation divides by n - 1, not by n": mean + z * errors.std(),
        "is z used? It looks fixed at 3": mean + 3 * deviation,
        "is it the variance? The task asks for the standard deviation": mean + z * deviation**2,
        "is the mean missing?": z * deviation,
        "is z added by itself?": mean + z,
        "is it the median? The task asks for the mean": np.median(errors) + z * deviation,
        "is the standard error used? Do not divide by the root of n": (
            mean + z * deviation / np.sqrt(len(errors))
        ),
        "is it minus? Large errors are unknown": mean - z * deviation,
    }


def name_mistake(
    actual: Array | float, mistakes: dict[str, float] | dict[str, Array], tolerance: float = 1e-4
) -> str:
    """What to say of a wrong value: the mistake that gives the same, or nothing."""
    for explanation, value in mistakes.items():
        if np.shape(value) == np.shape(actual) and np.allclose(
            actual, value, rtol=tolerance, atol=tolerance / 10
        ):
            return explanation
    return ""


def evaluation(labels: Array, predictions: Array) -> tuple[float, float, float]:
    """Known, unknown and total accuracy; nan where there are no samples."""
    right = labels == predictions
    is_known = labels != UNKNOWN
    return _share(right[is_known]), _share(right[~is_known]), _share(right)


def evaluation_mistakes(batches: list[tuple[Array, Array]]) -> dict[str, dict[str, float]]:
    """Fractions that the usual mistakes give, by what to say about them and by part.

    A mistake speaks of the parts that it spoils, and shows in all of them.

    Args:
        batches: (labels, predictions) of each batch; at least one sample in all.
    """
    labels, made = (np.concatenate(column) for column in zip(*batches, strict=True))
    known, unknown, total = evaluation(labels, made)
    is_known, rejected = labels != UNKNOWN, made == UNKNOWN
    right = labels == made
    of_batches = np.array([evaluation(*batch) for batch in batches])  # (B, 3)
    means = [_mean(part[~np.isnan(part)]) for part in of_batches.T]

    def all_parts(*fractions: float) -> dict[str, float]:
        return dict(zip(PARTS, map(float, fractions), strict=True))

    return {
        "fractions are asked for, not percentages": all_parts(
            100 * known, 100 * unknown, 100 * total
        ),
        "known and unknown look swapped; unknown means label 10": {
            "known_accuracy": unknown, "unknown_accuracy": known,
        },
        **{
            f"{part} is the mean of the batches' accuracies; weigh by sample, not by batch": {
                part: mean
            }
            for part, mean in zip(PARTS, means, strict=True)
        },
        "this is the first batch alone; go through the whole loader": all_parts(*of_batches[0]),
        "this is the last batch alone: is the count started anew in the loop?": all_parts(
            *of_batches[-1]
        ),
        "rejected digits are left out; they count as wrong": {
            "known_accuracy": _share(right[is_known & ~rejected])
        },
        "this is the share of digits that are not rejected; each has to get its own label": {
            "known_accuracy": _share(~rejected[is_known])
        },
        "this is divided by the number of all samples, not of the known ones": {
            "known_accuracy": float(right[is_known].sum()) / len(labels)
        },
        "this is divided by the number of all samples, not of the unknown ones": {
            "unknown_accuracy": float(right[~is_known].sum()) / len(labels)
        },
        "this is the share of rejected samples that are unknown (a precision)": {
            "unknown_accuracy": _share(~is_known[rejected])
        },
        "this is the mean of the other two; count all samples together": {
            "total_accuracy": (known + unknown) / 2
        },
        "unknown samples are left out; 10 is a label like any other": {"total_accuracy": known},
    }  # fmt: skip


def name_evaluation_mistake(
    actual: Sequence[float], part: str, batches: list[tuple[Array, Array]], tolerance: float
) -> str:
    """What to say of a wrong part: the mistake that gives every part it spoils, or nothing."""
    seen = dict(zip(PARTS, actual, strict=True))
    for explanation, values in evaluation_mistakes(batches).items():
        if part in values and all(
            np.isclose(seen[name], value, rtol=0, atol=tolerance, equal_nan=True)
            for name, value in values.items()
        ):
            return explanation
    return ""


def row_space_residual(inner: Array, outer: Array) -> float:
    """How much of the rows of `inner` (K, P) lies outside the span of the rows of `outer` (M, P).

    0 where each row of `inner` is a combination of rows of `outer`, 1 where all of it is outside:
    by the chain rule a function of an embedding has its Jacobian in the embedding's row space.
    """
    inner, outer = inner.astype(np.float64), outer.astype(np.float64)
    size = float(np.linalg.norm(inner))
    if size == 0:
        return 0.0
    _, singular, rows = np.linalg.svd(outer, full_matrices=False)
    basis = rows[singular > 1e-6 * singular.max()] if singular.max() > 0 else rows[:0]
    return float(np.linalg.norm(inner - inner @ basis.T @ basis)) / size


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else 0.0


def _share(right: Array) -> float:
    return float(right.mean()) if right.size else float("nan")


def _mean_square(images: Array, reconstruction: Array) -> Array:
    difference = images.astype(np.float64) - reconstruction
    return np.asarray((difference**2).reshape(len(images), -1).mean(axis=1))


def _normalised(embeddings: Array) -> Array:
    norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.asarray(embeddings / np.maximum(norms, 1e-12))
