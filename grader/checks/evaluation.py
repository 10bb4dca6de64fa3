"""Task 5: eval_model on scripted models whose every prediction the check has chosen."""

from __future__ import annotations

import numpy as np

from grader import oracles
from grader.expect import expect, expect_close
from grader.remote import PIXELS
from grader.student import EvaluationRun, Student

UNKNOWN = 10
TOLERANCE = 1e-5
Batch = tuple[np.ndarray, np.ndarray]


def script(rng: np.random.Generator, sizes: tuple[int, ...], right: float = 0.7) -> list[Batch]:
    """(labels, predictions) of batches: known and unknown, most right with that probability."""
    batches = []
    for size in sizes:
        labels = np.where(rng.random(size) < 0.4, UNKNOWN, rng.integers(10, size=size))
        other = (labels + rng.integers(1, 11, size=size)) % 11
        predictions = np.where(rng.random(size) < right, labels, other)
        labels[:4] = [UNKNOWN, 3, UNKNOWN, 4][:size]
        predictions[:4] = [UNKNOWN, UNKNOWN, 5, 4][:size]  # each kind of hit and of error
        batches.append((labels, predictions))
    return batches


def expect_evaluation(run: EvaluationRun, batches: list[Batch]) -> None:
    """Fail unless the three fractions are those of all samples together; nan equals nan."""
    labels = np.concatenate([labels for labels, _ in batches]) if batches else np.zeros(0)
    predictions = np.concatenate([made for _, made in batches]) if batches else np.zeros(0)
    expected = oracles.evaluation(labels, predictions)
    expect(run.fractions is not None, "eval_model raised")
    assert run.fractions is not None
    for part, actual, wanted in zip(oracles.PARTS, run.fractions, expected, strict=True):
        if np.isnan(wanted):
            expect(bool(np.isnan(actual)), f"{part} is {actual:g}, expected nan: no such samples")
        elif not abs(actual - wanted) < TOLERANCE:
            because = oracles.name_evaluation_mistake(run.fractions, part, batches, TOLERANCE)
            expect_close(part, actual, wanted, absolute=TOLERANCE, relative=0, because=because)


def expect_all_seen(run: EvaluationRun, batches: list[Batch]) -> None:
    """Fail unless the model was asked about each image once."""
    asked, there = sum(run.sizes), sum(len(labels) for labels, _ in batches)
    expect(asked == there, f"the model was asked about {asked} images, the loader has {there}")


def test_counts(student: Student, rng: np.random.Generator) -> None:
    """The fractions count samples, also when the last batch is smaller"""
    for sizes, once in (((16, 16, 3), False), ((2,), False), ((5, 40, 1, 9), True)):
        batches = script(rng, sizes)
        run = student.evaluate(batches, once=once, device="cpu")
        expect_evaluation(run, batches)
        expect_all_seen(run, batches)
    for _ in range(2):  # a counter that outlives the call shows in the second
        expect_evaluation(student.evaluate(batches), batches)


def test_both_kinds_of_error(student: Student) -> None:
    """A rejected digit is wrong, and so is an unknown that gets a digit"""
    cases = {
        "every digit is rejected": ([1, 2, 3, 10], [10, 10, 10, 10], (0.0, 1.0, 0.25)),
        "every unknown gets a digit": ([1, 2, 10, 10], [1, 2, 3, 4], (1.0, 0.0, 0.5)),
        "digits are mixed up": ([1, 2, 3, 10], [2, 1, 3, 10], (1 / 3, 1.0, 0.5)),
    }
    for case, (labels, predictions, expected) in cases.items():
        run = student.evaluate([(np.array(labels), np.array(predictions))])
        assert run.fractions is not None
        for part, actual, wanted in zip(oracles.PARTS, run.fractions, expected, strict=True):
            expect_close(f"{part} where {case}", actual, wanted)


def test_missing_parts(student: Student) -> None:
    """A part without samples is nan"""
    known = (np.array([1, 2]), np.array([1, 10]))
    unknown = (np.array([10, 10]), np.array([10, 10]))
    cases: dict[str, tuple[list[Batch], tuple[bool, bool, bool]]] = {
        "no unknown samples": ([known], (False, True, False)),
        "no known samples": ([unknown], (True, False, False)),
        "no samples at all": ([], (True, True, True)),
        "a batch of each kind": ([unknown, known], (False, False, False)),
    }
    for case, (batches, missing) in cases.items():
        run = student.evaluate(batches)
        assert run.fractions is not None
        for part, actual, is_missing in zip(oracles.PARTS, run.fractions, missing, strict=True):
            expect(
                bool(np.isnan(actual)) == is_missing,
                f"{part} is {actual:g} with {case}, expected "
                f"{'nan' if is_missing else 'a fraction'}",
            )


def test_eval_mode(student: Student, rng: np.random.Generator) -> None:
    """The model is in eval mode during, and in its earlier mode after, whatever happens"""
    batches = script(rng, (4, 4))
    for training in (True, False):
        run = student.evaluate(batches, training=training)
        expect_all_seen(run, batches)
        expect(
            not run.training_during,
            "the model was in training mode while it predicted: call model.eval() first",
        )
        mode = "training" if training else "eval"
        expect(
            run.training_after == training and run.submodules_training_after == training,
            f"the model was in {mode} mode before and is not after: restore the earlier mode",
        )
    run = student.evaluate(batches, training=True, raise_at=0)
    expect(run.raised, "the model raised an exception and eval_model swallowed it: let it pass")
    expect(
        run.training_after,
        "when the model raises, its earlier mode is not restored: use try and finally",
    )


def test_device(student: Student, rng: np.random.Generator) -> None:
    """The images go to the device that is asked for"""
    ((labels, _),) = script(rng, (4,))
    images = np.zeros((4, *PIXELS), np.float32)
    device, clash = student.device_of_images(images, labels)
    expect(
        device in (None, "meta"),
        f"with device='meta' the model is asked about images on the {device}: "
        "send them there with images.to(device)",
    )
    expect(
        clash is None or device is None,
        "with device='meta' predictions and labels meet on two devices "
        f'("{clash}"): labels.to(predictions.device)',
    )


def test_no_gradients(student: Student, rng: np.random.Generator) -> None:
    """No gradients are recorded while evaluating"""
    batches = script(rng, (4, 3))
    run = student.evaluate(batches)
    expect_all_seen(run, batches)
    expect(
        not run.gradients_during,
        "gradients were being recorded during predict: use torch.no_grad()",
    )
    expect(
        run.gradients_after,
        "gradients are still switched off after eval_model (or the weights frozen), so nothing "
        "can be trained any more: use `with torch.no_grad():`",
    )
