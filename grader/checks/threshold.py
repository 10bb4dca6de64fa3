"""Task 4: the reconstruction error, the threshold and the rejection, against their formulas."""

from __future__ import annotations

import numpy as np

from grader import oracles
from grader.expect import expect, expect_close, expect_finite
from grader.student import Student


def test_error_value(student: Student, images: np.ndarray, rng: np.random.Generator) -> None:
    """The error is the mean squared error of each sample over its ink"""
    for count in (1, 3, len(images)):
        batch = images[:count]
        noise = rng.normal(scale=0.3, size=batch.shape)
        reconstruction = np.clip(batch + noise, -1, 1).astype(np.float32)
        actual = student.reconstruction_error(batch, reconstruction)
        mistakes = oracles.error_mistakes(batch, reconstruction)
        expect_close(
            "reconstruction_error",
            actual,
            oracles.reconstruction_error(batch, reconstruction),
            because=oracles.name_mistake(actual, mistakes),
        )


def test_extreme_images(student: Student, rng: np.random.Generator) -> None:
    """Blank and full images have finite errors"""
    blank, full = np.full((1, 1, 28, 28), -1, np.float32), np.ones((1, 1, 28, 28), np.float32)
    images = np.concatenate([blank, full, blank])
    reconstruction = rng.uniform(-1, 1, size=images.shape).astype(np.float32)
    reconstruction[2] = blank[0]
    errors = student.reconstruction_error(images, reconstruction)
    expect_finite("the error of a blank or a full image", errors)
    expect_close(
        "the error of a blank image that is reconstructed perfectly", errors[2], 0.0,
        because="nothing was drawn wrong",
    )  # fmt: skip
    for name, error in (("blank", errors[0]), ("full", errors[1])):
        expect(error > 0, f"the error of a {name} image redrawn as noise is {error:g}, not above 0")


def test_statistics(student: Student, rng: np.random.Generator) -> None:
    """The threshold is the mean plus z sample standard deviations"""
    for count, z in ((4, 3.0), (50, 2.0), (7, 0.5), (1000, 3.0)):
        errors = rng.gamma(2.0, 0.1, size=count).astype(np.float32)
        actual = student.adaptive_threshold(errors, z=z)
        expect_close(
            f"adaptive_threshold of {count} errors with z={z:g}",
            actual,
            oracles.adaptive_threshold(errors, z),
            because=oracles.name_mistake(actual, oracles.threshold_mistakes(errors, z)),
        )
    errors = rng.gamma(2.0, 0.1, size=20).astype(np.float32)
    expect_close(
        "adaptive_threshold without a z given",
        student.adaptive_threshold(errors),
        oracles.adaptive_threshold(errors, 3.0),
        because="the default z is 3",
    )


def test_rejection(student: Student, rng: np.random.Generator) -> None:
    """What lies strictly above the threshold becomes unknown, nothing else"""
    threshold = np.asarray(0.5, np.float32)
    errors = rng.choice(np.array([0.1, 0.25, 0.5, 0.75, 2.0], np.float32), size=40)
    errors[:3] = [0.25, 0.5, 0.75]
    labels = rng.integers(10, size=40)
    for unknown in (10, 99):
        actual = student.reject(labels, errors, threshold, unknown_label=unknown)
        expected = np.where(errors > threshold, unknown, labels)
        on_it = errors == threshold
        expect(
            not (actual[on_it] == unknown).any(),
            "an error equal to the threshold was rejected: only strictly above is unknown",
        )
        wrong = int((actual != expected).sum())
        expect(
            wrong == 0,
            f"reject(..., unknown_label={unknown}) gives {wrong} of {len(labels)} wrong labels"
            + (": are the two sides swapped?" if wrong > 30 else ""),
            explained=wrong > 30,
        )
    default = student.reject(labels, errors, float(threshold))
    expect(
        (default == np.where(errors > threshold, 10, labels)).all(),
        "with the threshold given as a number and no unknown_label, rejected samples must get 10",
    )


def test_inputs_unchanged(student: Student, images: np.ndarray, rng: np.random.Generator) -> None:
    """The inputs stay as they were, and rejecting keeps the labels' type"""
    errors = rng.uniform(size=20).astype(np.float32)
    labels = rng.integers(10, size=20)
    limit = np.asarray(0.5, np.float32)
    calls: dict[str, dict[str, np.ndarray]] = {
        "reconstruction_error": {"images": images, "reconstruction": images[::-1].copy()},
        "adaptive_threshold": {"errors": errors},
        "reject": {"labels": labels, "errors": errors, "threshold": limit},
    }
    for name, inputs in calls.items():
        changed = student.changed_inputs(name, inputs)
        expect(
            not changed,
            f"{name} changed its {' and '.join(changed)} in place: work on a copy",
        )
    for dtype in (np.int64, np.int32):
        result = student.reject(labels.astype(dtype), errors, limit)
        expect(
            bool((result != labels).any()),
            "reject returned the labels as they were, though some errors lie above the threshold",
        )
        expect(
            result.dtype == dtype,
            f"labels of dtype {np.dtype(dtype)} came back as {result.dtype}",
        )
