"""Task 2: a classifier whose logits are computed from the embedding that it returns."""

from __future__ import annotations

import numpy as np

from grader import oracles
from grader.errors import Mismatch
from grader.expect import (
    expect,
    expect_finite,
    expect_shape,
    expect_varied,
)
from grader.learnable import expect_learnable
from grader.patience import CPU_S, RATES, attempts, awake
from grader.remote import EMBEDDING_DIM, NUM_CLASSES, RemoteClassifier
from grader.repeatable import expect_repeatable
from grader.student import Student

SPREADING = (40, 60)  # steps of training after which logits lie apart; most need the first alone
BEYOND = 1.5  # so far below 0 no tanh, sigmoid, softmax, ReLU, GELU, SiLU or ELU reaches
ROUNDS = (30, 70, 100, 100)  # steps of training by heart
FLAT = 0.05  # raw logits reach a quarter as far below 0 as above it, after GELU a fiftieth
NOISE = 0.1  # correlation of two calls' logits; dropout left on leaves 0.5 and more
OUTSIDE = 1e-2  # share of the logits' Jacobian that rounding may leave outside the embedding's


def default(student: Student) -> RemoteClassifier:
    """A classifier of the default sizes, by name: a wrong default is the matter of `shapes`."""
    return student.Classifier(num_classes=NUM_CLASSES, embedding_dim=EMBEDDING_DIM)


def test_shapes(student: Student, images: np.ndarray) -> None:
    """Logits and embedding have the sizes asked for"""
    for count, classes, dimension in ((4, 10, 64), (3, 7, 12), (1, 10, 5)):
        classifier = student.Classifier(num_classes=classes, embedding_dim=dimension)
        logits, embedding = classifier(images[:count])
        expect_shape(f"{classifier.label}(images): the logits", logits, (count, classes))
        expect_shape(f"{classifier.label}(images): the embedding", embedding, (count, dimension))
    logits, embedding = awake(student.Classifier(), images)(images)
    expect_shape("Classifier()(images): the logits", logits, (len(images), NUM_CLASSES))
    expect_shape("Classifier()(images): the embedding", embedding, (len(images), EMBEDDING_DIM))
    expect_varied("the embedding", embedding)  # of few numbers a last ReLU may leave none


def test_raw_logits(student: Student, images: np.ndarray, rng: np.random.Generator) -> None:
    """The logits are raw: no softmax, log-softmax, sigmoid or ReLU"""
    classifier = awake(default(student), images)
    logits = classifier(images)[0].astype(np.float64)
    expect_finite("the logits", logits)
    expect_varied("the logits", logits)
    again = classifier(images)[0]
    expect(
        np.corrcoef(logits.ravel(), again.ravel())[0, 1] > NOISE,
        "a second call gives quite other logits: are they noise, or is a layer made in forward?",
    )
    expect(
        np.abs(logits.sum(axis=1) - 1).max() > 1e-3 or logits.min() < 0,
        "the logits of each image are positive and add up to 1: they are softmaxed already",
    )
    expect(
        np.abs(np.exp(np.minimum(logits, 50)).sum(axis=1) - 1).max() > 1e-3,
        "the exponentials of each image's logits add up to 1: they are log-softmaxed already",
    )
    labels = draw_labels(rng, len(images))
    for steps in SPREADING:
        with student.limited(cpu_s=CPU_S):
            classifier.overfit(images, labels, steps, RATES[0])
        trained = classifier(images)[0].astype(np.float64)
        expect_finite("the logits after training", trained)
        if -trained.min() > max(BEYOND, 2 * FLAT * trained.max()):
            return
    has_learnt = (trained.argmax(axis=1) == labels).mean() > 0.5  # else `learns` says it
    for name, low, high in (("sigmoid or a softmax", 0, 1), ("tanh", -1, 1)):
        expect(
            not (has_learnt and trained.min() >= low and trained.max() <= high),
            f"even after training, which pulls logits apart, they all lie in [{low}, {high}]: "
            f"is there a {name} after the last layer?",
        )
    expect(
        not (has_learnt and -trained.min() < FLAT * trained.max()),
        f"even after training no logit is below {trained.min():.2g}, while the largest is "
        f"{trained.max():.2g}: is there a GELU, SiLU or LeakyReLU after the last layer?",
    )
    expect(
        min(logits.min(), trained.min()) < 0,
        "no logit is below 0, before or after training: is there a ReLU after the last layer?",
    )


def test_logits_from_embedding(student: Student, images: np.ndarray) -> None:
    """The logits are computed from the embedding"""
    classifier = awake(student.Classifier(num_classes=NUM_CLASSES, embedding_dim=24), images)
    for image in images[:2]:
        of_logits, of_embedding = classifier.jacobians(image[None])
        expect(
            bool(np.abs(of_logits).max() > 0),
            "the logits do not change with the image: is the output constant, the graph cut "
            "(detach), or is it a softmax over the batch (dim=0)?",
        )
        outside = oracles.row_space_residual(of_logits, of_embedding)
        expect(
            outside < OUTSIDE,
            f"{outside:.0%} of the logits' change with the image does not pass through the "
            "embedding: return the very tensor that the last layer gets",
        )


def test_gradients(student: Student, images: np.ndarray) -> None:
    """Every parameter is registered, takes part and receives a gradient"""
    expect_learnable("embedding", "logits", awake(default(student), images), images)


def test_learns(student: Student, images: np.ndarray, rng: np.random.Generator) -> None:
    """It learns a handful of images by heart"""
    labels = draw_labels(rng, len(images))
    right = []
    for classifier in attempts(
        student,
        lambda: default(student),
        lambda network, steps, rate: network.overfit(images, labels, steps, rate),
        ROUNDS,
    ):
        logits, _ = classifier(images)
        expect_finite("the logits after training", logits)
        right.append(int((logits.argmax(axis=1) == labels).sum()))
        if right[-1] >= len(images) - 1:
            return
    raise Mismatch(
        f"after {len(RATES) * sum(ROUNDS)} steps on {len(images)} images it "
        f"gets {max(right)} of them right at best",
        explained=False,
    )


def draw_labels(rng: np.random.Generator, count: int) -> np.ndarray:
    """Labels (N,) int64 of all ten classes, in any order."""
    return rng.permutation(np.arange(count) % 10).astype(np.int64)


def test_repeatable(student: Student, images: np.ndarray) -> None:
    """In eval mode the logits do not depend on chance or on the batch"""
    expect_repeatable("the logits", awake(default(student), images), images)
