"""Simplified OpenMax against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from solutions.errors import UserError
from solutions.zoo.scores.mav_distance import MavDistance


def seen(seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(45) % 3
    embedding = 3 * np.eye(3)[labels] + random.normal(size=(45, 3))
    logits = 3 * np.eye(3)[labels] + random.normal(size=(45, 3))
    return {"logits": torch.from_numpy(logits), "embedding": torch.from_numpy(embedding)}, labels


@pytest.mark.parametrize("target", ["nearest", "predicted"])
def test_the_distance_is_numpys(target):
    outputs, labels = seen()
    score = MavDistance(target=target)
    score.fit(outputs, torch.from_numpy(labels))
    embedding, guess = outputs["embedding"].numpy(), outputs["logits"].numpy().argmax(axis=1)
    means = [embedding[(labels == label) & (guess == label)].mean(axis=0) for label in range(3)]
    distances = cdist(embedding, means)
    expected = distances.min(axis=1) if target == "nearest" else distances[np.arange(45), guess]
    np.testing.assert_allclose(score(outputs).numpy(), expected, rtol=1e-10)


def test_the_nearest_is_never_further_than_the_predicted():
    outputs, labels = seen()
    nearest, predicted = MavDistance(), MavDistance(target="predicted")
    for score in (nearest, predicted):
        score.fit(outputs, torch.from_numpy(labels))
    assert (nearest(outputs) <= predicted(outputs)).all()


def test_a_score_does_not_depend_on_the_batch():
    outputs, labels = seen()
    score = MavDistance(features=("logits", "embedding"), metric="eucos")
    score.fit(outputs, torch.from_numpy(labels))
    apart = [score({name: v[[i]] for name, v in outputs.items()}) for i in range(45)]
    assert torch.equal(score(outputs), torch.cat(apart))


def test_needs_names_each_output_once():
    assert MavDistance(features=("logits", "latents")).needs == ("logits", "latents")
    assert MavDistance().needs == ("logits", "embedding")


def test_an_unknown_target_is_refused():
    outputs, labels = seen()
    score = MavDistance(target="furthest")
    score.fit(outputs, torch.from_numpy(labels))
    with pytest.raises(UserError, match="there are nearest and predicted"):
        score(outputs)
