"""t-SNE of embeddings."""

from __future__ import annotations

import numpy as np
import pytest

from solutions.errors import UserError
from solutions.zoo.plots.embeddings import plot_embeddings, tsne
from tests.solutions.zoo.plots.drawn import embedded


def test_far_clusters_stay_apart():
    points = np.random.default_rng(0).normal(0, 0.1, (40, 8))
    points[20:] += 50
    layout = tsne(points)
    gaps = np.linalg.norm(layout[:, None] - layout[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = gaps.argmin(axis=1)
    same = (nearest < 20) == (np.arange(40) < 20)
    assert same.all(), "a point lies next to one of the other cluster"


@pytest.mark.parametrize("shape", [(5, 3), (12, 1), (60, 70)])
def test_few_points_one_dimension_and_many(shape):
    layout = tsne(np.random.default_rng(1).normal(size=shape))
    assert layout.shape == (shape[0], 2)
    assert np.isfinite(layout).all()


def test_the_seed_decides():
    points, _ = embedded()
    np.testing.assert_array_equal(tsne(points, 1), tsne(points, 1))


def test_only_so_many_points_are_drawn():
    points, labels = embedded(40)
    some = plot_embeddings(points, labels, most=12)
    assert some != plot_embeddings(points, labels, most=13)
    assert some != plot_embeddings(points, labels, most=12, seed=1)


@pytest.mark.parametrize("labels", [np.full(30, 10), np.arange(30) % 10])
def test_one_kind_alone(labels):
    assert plot_embeddings(embedded()[0], labels).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        (np.zeros((4, 2)), np.zeros(4, int), "N at least 5"),
        (np.zeros(9), np.zeros(9, int), r"not \(9,\)"),
        (np.ones((9, 2)), np.zeros(9, int), "all embeddings are the same"),
        (np.full((9, 2), np.nan), np.zeros(9, int), "NaN or infinite"),
        (np.eye(9), np.zeros(8, int), r"need a label each, not \(8,\)"),
        (np.eye(9), np.full(9, 11), "labels are 0 to 10"),
    ],
)
def test_bad_input(points, labels, message):
    with pytest.raises(UserError, match=message):
        plot_embeddings(points, labels)
