"""Mean activation vectors and distances against float64 NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from solutions.errors import UserError
from solutions.zoo.scores.mean_activation import (
    correctly_classified,
    distances_to,
    features_of,
    mean_activation_vectors,
    require_enough,
    spread_about,
)


def test_features_stand_side_by_side_in_float64():
    outputs = {"a": torch.ones(3, 2), "b": torch.zeros(3, 1, 2)}
    features = features_of(outputs, ("b", "a"), "a test")
    assert features.dtype == torch.float64
    assert features.tolist() == [[0, 0, 1, 1]] * 3


def test_features_come_in_units():
    outputs = {"a": torch.full((1, 2), 6.0), "b": torch.full((1, 1), 8.0)}
    assert features_of(outputs, ("a", "b"), "a test", (3.0, 2.0)).tolist() == [[2, 2, 4]]


def test_spread_is_the_root_mean_squared_distance():
    vectors = torch.tensor([[0.0, 0.0], [10.0, 0.0]])
    features, labels = torch.tensor([[3.0, 4.0], [10.0, 1.0]]), torch.tensor([0, 1])
    assert spread_about(features, labels, vectors) == pytest.approx(np.sqrt((25 + 1) / 2))
    assert spread_about(vectors, labels, vectors) == 1


def test_a_missing_feature_is_named():
    with pytest.raises(UserError, match="a test needs latents"):
        features_of({"logits": torch.ones(3, 2)}, ("latents",), "a test")


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999), classes=st.integers(1, 4))
def test_vectors_are_the_classes_means(seed, classes):
    random = np.random.default_rng(seed)
    features, labels = random.normal(size=(40, 3)), np.r_[np.arange(classes), [0] * 5]
    labels = np.r_[labels, random.integers(0, classes, 40 - len(labels))]
    vectors = mean_activation_vectors(torch.from_numpy(features), torch.from_numpy(labels), classes)
    expected = [features[labels == label].mean(axis=0) for label in range(classes)]
    np.testing.assert_allclose(vectors.numpy(), expected, rtol=1e-12)


def test_a_class_without_an_image_is_named():
    with pytest.raises(UserError, match="class 1 has 0 correctly classified"):
        mean_activation_vectors(torch.ones(2, 3).double(), torch.tensor([0, 2]), 3)


def test_too_small_a_class_is_named_with_what_to_do():
    labels = torch.tensor([0] * 30 + [1] * 7 + [2] * 9)
    with pytest.raises(UserError, match=r"class 1 has 7 .* a tail of 20: train longer"):
        require_enough(labels, 3, 20, "a tail of 20")


@pytest.mark.parametrize("metric", ["euclidean", "eucos"])
def test_distances_are_scipys(metric):
    random = np.random.default_rng(0)
    features, vectors = random.normal(size=(60, 7)), random.normal(size=(4, 7))
    expected = cdist(features, vectors)
    if metric == "eucos":
        expected = expected / 200 + cdist(features, vectors, "cosine")
    found = distances_to(torch.from_numpy(features), torch.from_numpy(vectors), metric)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10)
    alone = distances_to(torch.from_numpy(features[:1]), torch.from_numpy(vectors), metric)
    assert torch.equal(alone, found[:1])


def test_a_vector_is_no_distance_from_itself():
    vectors = torch.randn(3, 5, dtype=torch.float64)
    for metric in ("euclidean", "eucos"):
        assert distances_to(vectors, vectors, metric).diagonal().max() < 1e-12


def test_an_unknown_metric_is_refused():
    with pytest.raises(UserError, match="there are euclidean and eucos"):
        distances_to(torch.ones(1, 2), torch.ones(1, 2), "cosine")


def test_correct_is_the_highest_logit():
    logits = torch.tensor([[1.0, 2.0], [3.0, 0.0]])
    assert correctly_classified(logits, torch.tensor([1, 1])).tolist() == [True, False]
