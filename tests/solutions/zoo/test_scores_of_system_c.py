"""The scores that came with system c, against NumPy; none depends on its batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from solutions.errors import UserError
from solutions.zoo.scores.mav_distance import MavDistance, mav_distance, mean_activation_vectors
from solutions.zoo.scores.unknown_probability import UnknownProbability, unknown_probability


def test_unknown_probability_is_the_last_of_a_softmax() -> None:
    every = torch.randn(50, 7, dtype=torch.float64) * 5
    expected = every.softmax(dim=1)[:, -1]
    torch.testing.assert_close(unknown_probability(every[:, :-1], every[:, -1]), expected)


def test_unknown_probability_stays_finite_and_ordered() -> None:
    logits = torch.tensor([[0.0, 800.0], [0.0, 30.0], [-800.0, -900.0]])
    scores = unknown_probability(logits, torch.zeros(3))
    assert scores.tolist() == sorted(scores.tolist())
    assert torch.isfinite(scores).all()
    score = UnknownProbability()
    score.fit({}, torch.zeros(0))
    assert torch.equal(score({"logits": logits, "unknown_logit": torch.zeros(3)}), scores)


def test_means_are_over_correctly_classified_images() -> None:
    embedding = torch.tensor([[0.0, 0.0], [2.0, 0.0], [50.0, 50.0], [4.0, 4.0]])
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    labels = torch.tensor([0, 0, 0, 1])  # the third is wrong
    means = mean_activation_vectors(embedding, logits, labels)
    assert means.tolist() == [[1.0, 0.0], [4.0, 4.0]]
    with pytest.raises(UserError, match="class 1 has no correctly classified"):
        mean_activation_vectors(embedding[:3], logits[:3], labels[:3])


def test_mav_distance_is_euclidean_and_knows_no_batch() -> None:
    generator = torch.Generator().manual_seed(0)
    embedding = torch.randn(300, 32, generator=generator)
    labels = torch.arange(300) % 5
    logits = torch.nn.functional.one_hot(labels, 5).float()
    score = MavDistance()
    score.fit({"embedding": embedding, "logits": logits}, labels)
    scores = score({"embedding": embedding, "logits": logits})
    differences = embedding.double().numpy()[:, None] - score.means.double().numpy()
    np.testing.assert_allclose(scores, np.linalg.norm(differences, axis=2).min(axis=1), rtol=1e-6)
    for index in (0, 150, 299):
        alone = mav_distance(embedding[index : index + 1], score.means)
        assert torch.equal(alone, scores[index : index + 1])
