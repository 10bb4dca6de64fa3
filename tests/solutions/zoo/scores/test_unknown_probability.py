"""The probability of the unknown class."""

from __future__ import annotations

import torch

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
