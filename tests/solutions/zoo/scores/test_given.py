"""A score that the network computes itself is passed on, and asked for by name."""

from __future__ import annotations

import torch

from solutions.zoo.scores.given import Given


def test_it_is_the_named_output_as_it_is():
    score = Given("combined")
    assert score.needs == ("combined",)
    outputs = {"combined": torch.tensor([0.1, -3.0]), "logits": torch.zeros(2, 3)}
    score.fit(outputs, torch.zeros(2).long())
    assert torch.equal(score(outputs), outputs["combined"])
