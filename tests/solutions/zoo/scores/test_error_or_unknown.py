"""Errors, and the classifier's own word for unknown."""

from __future__ import annotations

import torch

from solutions.zoo.scores.error_or_unknown import ErrorOrUnknown, raised


def test_an_error_is_lifted_above_every_other_where_the_unknown_class_is_highest():
    errors = torch.tensor([0.1, 0.2, 4.0, 0.0])
    logits = torch.tensor([[1.0, 2.0], [1.0, 2.0], [5.0, 0.0], [-3.0, -2.0]])
    unknown_logit = torch.tensor([1.5, 2.5, 4.0, -1.0])
    scores = raised(errors, logits, unknown_logit)
    assert torch.allclose(scores, torch.tensor([0.1, 4.2, 4.0, 4.0]))


def test_a_tie_is_the_known_classs():
    assert raised(torch.zeros(1), torch.tensor([[1.0]]), torch.tensor([1.0])).item() == 0


def test_the_score_reads_images_and_logits_of_its_own_image_alone():
    draw = torch.Generator().manual_seed(0)
    outputs = {
        "images": torch.rand(6, 1, 4, 4, generator=draw),
        "reconstruction": torch.rand(6, 1, 4, 4, generator=draw),
        "logits": torch.randn(6, 3, generator=draw),
        "unknown_logit": torch.randn(6, generator=draw) + 1,
    }
    alone = [ErrorOrUnknown()({n: v[i : i + 1] for n, v in outputs.items()}) for i in range(6)]
    scores = ErrorOrUnknown()(outputs)
    assert torch.equal(scores, torch.cat(alone))
    assert 0 < (scores > 4).sum() < 6
