"""Task 3: the contrastive loss against its definition, on fresh random embeddings."""

from __future__ import annotations

import numpy as np

from grader import oracles
from grader.errors import Mismatch
from grader.expect import expect, expect_close, expect_finite, is_right
from grader.student import Student


def draw(
    rng: np.random.Generator, count: int, dimension: int, classes: int, spread: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings (N, D) float32 and labels (N,) with at least two samples of two classes."""
    embeddings = rng.normal(scale=spread, size=(count, dimension)).astype(np.float32)
    labels = rng.integers(classes, size=count)
    labels[:4] = [0, 0, 1, 1]
    return embeddings, rng.permutation(labels).astype(np.int64)


def test_value(student: Student, rng: np.random.Generator) -> None:
    """The value is the one of the definition"""
    for count, dimension, classes, margin in (
        (8, 2, 3, 1.0), (24, 3, 4, 2.5), (40, 16, 10, 3.0), (5, 1, 2, 0.7), (200, 8, 10, 4.0),
    ):  # fmt: skip
        embeddings, labels = draw(rng, count, dimension, classes)
        actual = student.contrastive_loss(embeddings, labels, margin=margin)
        mistakes = oracles.contrastive_mistakes(embeddings, labels, margin)
        expect_close(
            f"contrastive_loss of {count} embeddings of size {dimension}, margin={margin:g},",
            actual,
            oracles.contrastive_loss(embeddings, labels, margin),
            because=oracles.name_mistake(actual, mistakes),
        )
    embeddings = rng.normal(scale=0.3, size=(3, 3)).astype(np.float32)
    labels = np.array([0, 0, 1])
    expect_close(
        "contrastive_loss of 3 embeddings with one pair of one class",
        student.contrastive_loss(embeddings, labels, margin=2.0),
        oracles.contrastive_loss(embeddings, labels, 2.0),
    )
    single = student.contrastive_loss(embeddings[1:], labels[1:], margin=2.0)
    if np.isfinite(single):  # else `degenerate` says it
        expect_close(
            "contrastive_loss of one pair of two classes",
            single,
            oracles.contrastive_loss(embeddings[1:], labels[1:], 2.0),
        )
    embeddings, labels = draw(rng, 12, 3, 3)
    expect_close(
        "contrastive_loss without a margin given",
        student.contrastive_loss(embeddings, labels),
        oracles.contrastive_loss(embeddings, labels, 1.0),
        because="the default margin is 1",
    )


def test_gradient(student: Student, rng: np.random.Generator) -> None:
    """Following the gradient pulls one class together and pushes two apart"""
    embeddings, labels = draw(rng, 10, 3, 3)
    # Half of the pairs of two classes lie beyond the margin.
    apart = oracles.distances(embeddings)[labels[:, None] != labels]
    margin = float(np.median(apart)) + 1e-3
    cases = {
        "": (embeddings, labels),
        " where all samples are of one class": (embeddings, np.zeros_like(labels)),
        " where no two samples are of one class": (embeddings, np.arange(len(labels))),
    }
    for case, (points, classes) in cases.items():
        result = student.contrastive_gradient(points, classes, margin=margin)
        if case and not result.attached:
            continue  # `degenerate` says it
        if not result.attached or result.gradient is None:
            raise Mismatch(
                "the loss is cut off from the embeddings' graph, so nothing can be learnt from it: "
                "stay in torch, without item(), detach() or float()"
            )
        expect_finite(f"the gradient{case}", result.gradient)
        expected = oracles.contrastive_gradient(points, classes, margin)
        along = float((result.gradient * expected).sum())
        expect(
            along != 0,
            f"the gradient{case} is zero: is a term missing, or cut off by detach() or no_grad()?",
        )
        expect(
            along > 0,
            f"a step against the gradient makes the loss{case} larger: one class has to come "
            "together, two classes have to part until they are a margin apart",
        )
        # A value that is wrong has another gradient, and `value` says so.
        if is_right(result.value, oracles.contrastive_loss(points, classes, margin)):
            expect_close(
                f"the gradient{case}", result.gradient, expected, relative=1e-3, absolute=1e-4
            )


def test_coincident(student: Student, rng: np.random.Generator) -> None:
    """Embeddings that coincide give a finite loss and finite gradients"""
    apart, labels = draw(rng, 8, 4, 3)
    twins = np.concatenate([apart, apart[:4]])
    cases = {
        "some embeddings coincide": (twins, np.concatenate([labels, labels[:4]])),
        "embeddings of two classes coincide": (twins, np.concatenate([labels, labels[:4] + 1])),
        "all embeddings are zero": (np.zeros_like(apart), labels),
    }
    for case, (embeddings, classes) in cases.items():
        result = student.contrastive_gradient(embeddings, classes)
        expect_finite(f"the loss where {case}", result.value)
        if result.gradient is None:
            raise Mismatch(f"the loss where {case} is cut off from the embeddings' graph")
        expect_finite(f"the gradient where {case}", result.gradient)
        if embeddings is twins:  # other pairs lie apart
            expect(result.value > 0, f"the loss where {case} is {result.value:g}, expected above 0")


def test_degenerate(student: Student, rng: np.random.Generator) -> None:
    """A kind of pair that does not occur contributes 0"""
    embeddings, _ = draw(rng, 6, 3, 2)
    same, different = np.zeros(6, np.int64), np.arange(6)
    far = (
        embeddings
        + 100 * np.eye(6, 3, dtype=np.float32)
        + 100 * np.arange(6, dtype=np.float32)[:, None]
    )
    cases = {
        "one class only": (embeddings, same),
        "no two samples of one class, all far apart": (far, different),
        "a single sample": (embeddings[:1], same[:1]),
        "no samples": (embeddings[:0], same[:0]),
    }
    for case, (points, labels) in cases.items():
        result = student.contrastive_gradient(points, labels)
        expect_finite(f"the loss with {case}", result.value)
        expect(
            result.attached,
            f"the loss with {case} is not connected to the embeddings, so backward() fails on it: "
            "compute the zero from them instead of making a new tensor",
        )
        if case == "one class only":
            expect(result.value > 0, f"the loss with {case} is {result.value:g}, expected above 0")
            wider = student.contrastive_loss(points, labels, margin=50.0)
            expect_close(
                f"the loss with {case} and margin=50", wider, result.value,
                because="there are no pairs of two classes, so the margin cannot matter",
            )  # fmt: skip
        else:
            expect_close(
                f"the loss with {case}", result.value, 0.0,
                because="pairs that are missing, or far apart and of two classes, cost nothing",
            )  # fmt: skip


def test_margin(student: Student, rng: np.random.Generator) -> None:
    """Pairs of two classes beyond the margin cost nothing, closer ones do"""
    direction = rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    labels = np.array([0, 1])
    for margin in (1.0, 3.0):
        nearer = np.inf
        for share in (0.25, 0.75, 1.25, 4.0):
            pair = np.stack([np.zeros(3), share * margin * direction]).astype(np.float32)
            loss = student.contrastive_loss(pair, labels, margin=margin)
            what = f"the loss of two classes at distance {share * margin:g}, margin={margin:g},"
            if share > 1:
                expect_close(
                    what, loss, 0.0,
                    because="it grows when two classes move apart: is the margin term's sign "
                    "reversed?" if loss > 0 else "max(0, margin - d) is never below 0",
                )  # fmt: skip
            else:
                expect(loss > 0, f"{what} is {loss:g}, expected above 0")
                expect(loss < nearer, f"{what} is {loss:g}, no less than where they were nearer")
                nearer = loss
                alike = student.contrastive_loss(pair, np.array([1, 1]), margin=margin)
                if share < 0.5:
                    expect(
                        not is_right(alike, loss),
                        f"{what} is {loss:g}, and so it is where both are of one class: "
                        "are the labels used?",
                    )


def test_invariance(student: Student, rng: np.random.Generator) -> None:
    """Reordering, shifting or renaming the classes changes nothing"""
    embeddings, labels = draw(rng, 16, 5, 4)
    own = student.contrastive_loss(embeddings, labels)
    order = rng.permutation(len(labels))
    renamed = rng.permutation(100)[labels]
    shift = rng.normal(scale=3.0, size=5).astype(np.float32)
    cases = {
        "in another order": (embeddings[order], labels[order]),
        "with the classes renamed": (embeddings, renamed),
        "all shifted by one vector": (embeddings + shift, labels),
    }
    for case, (points, classes) in cases.items():
        expect_close(
            f"the loss of the same samples {case}",
            student.contrastive_loss(points, classes),
            own,
            relative=1e-3,
        )
    other = student.contrastive_loss(*draw(rng, 16, 5, 4))
    expect(own != other, f"the loss of other samples is {other:g} too: is it always the same?")


def test_dtype_and_device(student: Student, rng: np.random.Generator) -> None:
    """The loss has the embeddings' dtype and device"""
    embeddings, labels = draw(rng, 6, 3, 2)
    for dtype in ("float64", "float32"):
        placement = student.contrastive_placement(embeddings.astype(dtype), labels)
        expect(
            placement.dtype == dtype,
            f"the loss of {dtype} embeddings is {placement.dtype}, expected {dtype}",
            explained=False,
        )
        expect(
            placement.clash is None,
            "with embeddings on another device than the CPU, tensors of two devices meet "
            f'("{placement.clash}"): make each new tensor with device=embeddings.device',
        )
        expect(
            placement.device in (None, "meta"),
            f"embeddings on another device than the CPU give a loss on the {placement.device}",
        )


def test_large_batch(student: Student, rng: np.random.Generator) -> None:
    """A batch of 1,024 takes no Python loop over pairs"""
    embeddings, labels = draw(rng, 1024, 4, 10)
    # In time, or it is a timeout. That the value is right is the matter of `value`.
    loss = student.contrastive_loss(embeddings, labels)
    expect(loss > 0, f"the loss of 1,024 random embeddings is {loss:g}, expected above 0")
    other = student.contrastive_loss(*draw(rng, 1024, 4, 10))
    expect(
        loss != other,
        f"the loss of 1,024 random embeddings is {loss:g}, and so is that of 1,024 others: "
        "is it computed from them at all?",
    )
