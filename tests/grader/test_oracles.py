"""The oracles against loops written from the problem sheet, and against torch's gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from grader import oracles
from grader.checks import contrastive as contrastive_checks
from grader.checks import evaluation as evaluation_checks
from grader.strokes import draw_strokes

SEEDS = st.integers(0, 2**32 - 1)


def loop_contrastive(points: np.ndarray, labels: np.ndarray, margin: float) -> float:
    pull, push = [], []
    for i in range(len(points)):
        for j in range(len(points)):
            if i == j:
                continue
            d = math.sqrt(sum((float(a) - float(b)) ** 2 for a, b in zip(points[i], points[j])))  # noqa: B905
            if labels[i] == labels[j]:
                pull.append(d)
            else:
                push.append(max(0.0, margin - d))
    return sum(pull) / max(1, len(pull)) + sum(push) / max(1, len(push))


@given(SEEDS, st.integers(0, 9), st.integers(1, 5), st.integers(1, 4), st.floats(0, 5))
def test_contrastive_loss_is_the_loop(
    seed: int, count: int, dimension: int, classes: int, margin: float
) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(count, dimension)).astype(np.float32)
    labels = rng.integers(classes, size=count)
    assert oracles.contrastive_loss(points, labels, margin) == pytest.approx(
        loop_contrastive(points, labels, margin)
    )


@given(SEEDS)
def test_contrastive_gradient_is_autograds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, labels = rng.normal(size=(7, 3)), rng.integers(3, size=7)
    leaf = torch.tensor(points, requires_grad=True)
    d = torch.pdist(leaf)
    i, j = np.triu_indices(7, 1)
    same = torch.tensor(labels[i] == labels[j])
    assume(bool(same.any()) and not bool(same.all()))
    assume(float((d.detach()[~same] - 1.5).abs().min()) > 1e-4)  # no kink within a step
    (d[same].mean() + (1.5 - d[~same]).clamp(min=0).mean()).backward()
    np.testing.assert_allclose(
        oracles.contrastive_gradient(points, labels, 1.5), leaf.grad, rtol=1e-4, atol=1e-6
    )


@given(SEEDS)
def test_reconstruction_error_is_the_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    images = rng.uniform(-1, 1, size=(3, 1, 4, 5))
    again = rng.uniform(-1, 1, size=images.shape)
    for error, x, y in zip(oracles.reconstruction_error(images, again), images, again, strict=True):
        pairs = list(zip(x.flat, y.flat, strict=True))
        mse = sum((a - b) ** 2 for a, b in pairs) / 20
        ink = sum((a + 1) / 2 for a, _ in pairs) / 20
        assert error == pytest.approx(mse / (ink + 0.05))


@given(st.lists(st.floats(0, 100), min_size=2, max_size=30), st.floats(0, 5))
def test_threshold_is_the_loop(values: list[float], z: float) -> None:
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    assert oracles.adaptive_threshold(np.array(values), z) == pytest.approx(mean + z * deviation)


@given(st.lists(st.tuples(st.integers(8, 10), st.integers(8, 10)), max_size=20))
def test_evaluation_is_the_loop(pairs: list[tuple[int, int]]) -> None:
    def share(wanted: list[tuple[int, int]]) -> float:
        return sum(a == b for a, b in wanted) / len(wanted) if wanted else math.nan

    expected = (
        share([p for p in pairs if p[0] != 10]), share([p for p in pairs if p[0] == 10]),
        share(pairs),
    )  # fmt: skip
    labels, made = (np.array([p[k] for p in pairs], int) for k in (0, 1))
    np.testing.assert_allclose(oracles.evaluation(labels, made), expected)


class TestMistakes:
    """Each named mistake differs from the right value, and is named when it is met."""

    @pytest.mark.parametrize("seed", range(30))
    def test_contrastive(self, seed: int) -> None:
        """On one draw a mistake may be hard to see; on all that the check makes, none is."""
        rng, unseen = np.random.default_rng(seed), None
        for shape in ((8, 2, 3, 1.0), (24, 3, 4, 2.5), (40, 16, 10, 3.0), (5, 1, 2, 0.7)):
            points, labels = contrastive_checks.draw(rng, *shape[:3])
            right = oracles.contrastive_loss(points, labels, shape[3])
            mistakes = oracles.contrastive_mistakes(points, labels, shape[3])
            alike = {name for name, value in mistakes.items() if abs(value - right) < 1e-2 * right}
            unseen = alike if unseen is None else unseen & alike
            for value in mistakes.values():
                named = oracles.name_mistake(value, mistakes)
                assert mistakes[named] == pytest.approx(value, rel=2e-4)
        assert not unseen, f"right on every draw: {unseen}"

    @pytest.mark.parametrize("seed", range(5))
    def test_error(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        images = draw_strokes(rng, 3)
        again = np.clip(images + rng.normal(scale=0.3, size=images.shape), -1, 1)
        mistakes = oracles.error_mistakes(images, again)
        self.assert_apart(oracles.reconstruction_error(images, again), mistakes)

    @pytest.mark.parametrize("seed", range(5))
    def test_threshold(self, seed: int) -> None:
        errors = np.random.default_rng(seed).gamma(2.0, 0.1, size=50)
        mistakes = oracles.threshold_mistakes(errors, 2.0)
        self.assert_apart(oracles.adaptive_threshold(errors, 2.0), mistakes)

    @pytest.mark.parametrize("seed", range(5))
    def test_evaluation(self, seed: int) -> None:
        batches = evaluation_checks.script(np.random.default_rng(seed), (23, 40, 9))
        labels, made = (np.concatenate(column) for column in zip(*batches, strict=True))
        right = dict(zip(oracles.PARTS, oracles.evaluation(labels, made), strict=True))
        for explanation, spoilt in oracles.evaluation_mistakes(batches).items():
            for part, value in spoilt.items():
                assert abs(value - right[part]) > 1e-5, f"{explanation} gives the right value"
                made_by_it = tuple((right | spoilt).values())
                named = oracles.name_evaluation_mistake(made_by_it, part, batches, 1e-5)
                assert named == explanation

    def test_evaluation_by_hand(self) -> None:
        batches = [
            (np.array([1, 2, 10]), np.array([1, 10, 10])),  # known 1/2, unknown 1/1
            (np.array([3, 10]), np.array([4, 5])),  # known 0/1, unknown 0/1
        ]
        found = oracles.evaluation_mistakes(batches)
        known = {round(values["known_accuracy"], 6) for values in found.values() if len(values) > 1}
        assert known == {
            33.333333,  # per cent
            0.5,  # swapped, and the first batch
            0.0,  # the last batch
        }
        known = {
            round(v["known_accuracy"], 6) for v in found.values() if set(v) == {oracles.PARTS[0]}
        }
        assert known == {
            0.25,  # mean of 1/2 and 0
            0.5,  # without the rejected one of three
            0.666667,  # two of three not rejected
            0.2,  # one right of five samples
        }
        assert found["unknown samples are left out; 10 is a label like any other"] == {
            "total_accuracy": 1 / 3
        }
        assert found["this is the mean of the other two; count all samples together"] == {
            "total_accuracy": pytest.approx(5 / 12)
        }

    def test_a_part_that_fits_by_chance_names_nothing(self) -> None:
        labels = np.array([1, 2, 10, 10])
        batches = [(labels, np.array([1, 10, 10, 10]))]  # known 1/2, unknown 1, total 3/4
        for part in oracles.PARTS:
            named = oracles.name_evaluation_mistake((0.3, 0.5, 0.5), part, batches, 1e-5)
            assert "swapped" not in named

    def assert_apart(
        self, right: np.ndarray | float, mistakes: dict[str, float] | dict[str, np.ndarray]
    ) -> None:
        assert oracles.name_mistake(right, mistakes) == "", "the right value is called a mistake"
        for explanation, value in mistakes.items():
            assert np.shape(value) == np.shape(right), explanation
            assert not np.allclose(value, right, rtol=1e-3), f"{explanation} gives the right value"
            named = oracles.name_mistake(np.asarray(value, np.float32), mistakes)
            assert named == explanation


def test_unknown_mistake_has_no_name() -> None:
    assert oracles.name_mistake(123.0, {"a": 1.0}) == ""
    assert oracles.name_mistake(np.ones(3), {"a": np.ones(2)}) == ""


class TestRowSpaceResidual:
    """How much of one row space lies outside another."""

    @given(SEEDS)
    def test_combinations_of_rows_are_inside(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        outer = rng.normal(size=(5, 30))
        assert oracles.row_space_residual(rng.normal(size=(3, 5)) @ outer, outer) < 1e-9

    def test_orthogonal_rows_are_outside(self) -> None:
        eye = np.eye(6)
        assert oracles.row_space_residual(eye[:2], eye[2:]) == pytest.approx(1)

    @given(SEEDS, st.floats(0.1, 1e3))
    def test_scale_does_not_matter(self, seed: int, scale: float) -> None:
        rng = np.random.default_rng(seed)
        inner, outer = rng.normal(size=(2, 12)), rng.normal(size=(4, 12))
        residual = oracles.row_space_residual(inner, outer)
        assert 0 < residual <= 1 + 1e-12
        assert oracles.row_space_residual(scale * inner, outer / scale) == pytest.approx(residual)

    def test_half_inside(self) -> None:
        inner = np.array([[1.0, 1.0]])
        assert oracles.row_space_residual(inner, np.array([[1.0, 0.0]])) == pytest.approx(0.5**0.5)

    def test_nothing_and_nowhere(self) -> None:
        assert oracles.row_space_residual(np.zeros((2, 4)), np.ones((1, 4))) == 0
        assert oracles.row_space_residual(np.ones((2, 4)), np.zeros((3, 4))) == pytest.approx(1)

    def test_dependent_rows_span_no_more(self) -> None:
        outer = np.array([[1.0, 0, 0], [2.0, 0, 0], [1.0 + 1e-9, 0, 0]])
        assert oracles.row_space_residual(np.array([[0.0, 1, 0]]), outer) == pytest.approx(1)
