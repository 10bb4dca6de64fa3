"""Task 2: a classifier whose logits are computed from the embedding that it returns."""

from __future__ import annotations

import numpy as np

from grader import oracles
from grader.errors import Mismatch
from grader.expect import expect, expect_close, expect_finite, expect_gradients, expect_shape
from grader.student import Student

STEPS = 100
OUTSIDE = 1e-2  # share of the logits' Jacobian that rounding may leave outside the embedding's


def test_shapes(student: Student, images: np.ndarray) -> None:
    """Logits and embedding have the sizes asked for"""
    for count, classes, dimension in ((4, 10, 64), (3, 7, 12), (1, 10, 5)):
        classifier = student.Classifier(num_classes=classes, embedding_dim=dimension)
        logits, embedding = classifier(images[:count])
        expect_shape(f"{classifier.label}(images): the logits", logits, (count, classes))
        expect_shape(f"{classifier.label}(images): the embedding", embedding, (count, dimension))


def test_raw_logits(student: Student, images: np.ndarray) -> None:
    """The logits are raw: no softmax, log-softmax, sigmoid or ReLU"""
    for _ in range(3):  # a fresh network may by chance have positive logits only
        logits, _ = student.Classifier()(images)
        expect_finite("the logits", logits)
        sums = logits.astype(np.float64).sum(axis=1)
        exponential_sums = np.exp(np.minimum(logits.astype(np.float64), 50)).sum(axis=1)
        expect(
            np.abs(sums - 1).max() > 1e-3 or logits.min() < 0,
            "the logits of each image are positive and add up to 1: they are softmaxed already",
        )
        expect(
            np.abs(exponential_sums - 1).max() > 1e-3,
            "the exponentials of each image's logits add up to 1: they are log-softmaxed already",
        )
        expect(
            not (logits.min() >= -1 and logits.max() <= 1 and np.ptp(logits) > 1.99),
            "the logits fill [-1, 1] exactly: is there a tanh after the last layer?",
        )
        if logits.min() < 0:
            return
    raise Mismatch(
        "no logit of three fresh networks is below 0: is there a ReLU or a sigmoid at the end?"
    )


def test_logits_from_embedding(student: Student, images: np.ndarray) -> None:
    """The logits are computed from the embedding"""
    classifier = student.Classifier(embedding_dim=24)
    for image in images[:2]:
        of_logits, of_embedding = classifier.jacobians(image[None])
        expect(
            bool(np.abs(of_logits).max() > 0),
            "the logits do not change with the image: is the network's output constant?",
        )
        outside = oracles.row_space_residual(of_logits, of_embedding)
        expect(
            outside < OUTSIDE,
            f"{outside:.0%} of the logits' change with the image does not pass through the "
            "embedding: return the very tensor that the last layer gets",
        )


def test_gradients(student: Student, images: np.ndarray) -> None:
    """Every parameter takes part and receives a gradient"""
    classifier = student.Classifier()
    expect(classifier.parameters > 0, f"{classifier.label} has no parameters to learn")
    expect_gradients(classifier.parameter_gradients(images))


def test_learns(student: Student, images: np.ndarray, rng: np.random.Generator) -> None:
    """It learns a handful of images by heart"""
    classifier = student.Classifier()
    labels = rng.permutation(np.arange(len(images)) % 10).astype(np.int64)
    with student.limited(cpu_s=40.0):
        classifier.overfit(images, labels, STEPS)
    logits, _ = classifier(images)
    expect_finite("the logits after training", logits)
    right = int((logits.argmax(axis=1) == labels).sum())
    expect(
        right >= len(images) - 1,
        f"after {STEPS} steps on {len(images)} images it gets {right} of them right",
    )


def test_repeatable(student: Student, images: np.ndarray) -> None:
    """In eval mode the logits do not depend on chance or on the batch"""
    classifier = student.Classifier()
    first, _ = classifier(images)
    again, _ = classifier(images)
    expect_close("a second call in eval mode", again, first, because="is there dropout or noise?")
    alone, _ = classifier(images[:1])
    expect_close(
        "an image alone", alone, first[:1],
        absolute=1e-4, because="do the logits depend on the batch around the image?",
    )  # fmt: skip
