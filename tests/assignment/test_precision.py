"""bfloat16 where it serves and nowhere else; both answers are played, whatever the machine."""

from __future__ import annotations

import pytest
import torch
from torch import nn


class Picky(nn.Module):
    """Minds the dtype of what a layer gives, in training alone."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, images):
        logits, embedding = self.inner(images)
        if self.training:
            logits = torch.lerp(logits, logits.flip(0), torch.zeros(len(logits), 1))
        return logits, embedding


class Overflowing(nn.Module):
    """Its loss is a number in float32 alone: 1 - 1/1024 is 1 in bfloat16."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.gate = nn.Linear(10, 10, bias=False)
        nn.init.zeros_(self.gate.weight)

    def forward(self, images):
        logits, embedding = self.inner(images)
        gate = self.gate(logits) + 1 - 1 / 1024
        return logits + 0 * torch.log(1 - gate), embedding


@pytest.fixture(scope="module")
def once(fit):
    return fit.recipe_for("digits", 1)


@pytest.mark.parametrize(
    ("has", "wanted", "said"),
    [(True, True, "bfloat16"), (False, True, "float32"), (True, False, "float32")],
)
def test_the_history_says_the_precision(fit, tiny, once, monkeypatch, has, wanted, said):
    monkeypatch.setattr(fit, "has_bfloat16", lambda _: has)
    model, history = fit.train_model("digits", *tiny, recipe=once, mixed_precision=wanted)
    assert history.precision == said
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.scores(fit.to_images(tiny[2])).dtype == torch.float32


def test_it_is_not_used_without_being_asked_for(fit, tiny, once, monkeypatch):
    monkeypatch.setattr(fit, "has_bfloat16", lambda _: True)
    assert fit.train_model("digits", *tiny, recipe=once)[1].precision == "float32"


@pytest.mark.parametrize("kind", [Picky, Overflowing])
def test_a_network_that_is_not_fit_for_it_learns_as_if_nobody_had_tried(
    fit, tiny, once, monkeypatch, kind
):
    build = fit.build_model

    def changed():
        model = build()
        model.classifier = kind(model.classifier)
        return model

    monkeypatch.setattr(fit, "build_model", changed)
    monkeypatch.setattr(fit, "has_bfloat16", lambda _: True)
    tried, history = fit.train_model("digits", *tiny, recipe=once, mixed_precision=True)
    plain, _ = fit.train_model("digits", *tiny, recipe=once)
    assert history.precision == "float32"
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, tried.state_dict()[name]), name


def test_a_mistake_is_still_said(fit, tiny, once, monkeypatch):
    monkeypatch.setattr(fit, "has_bfloat16", lambda _: True)
    monkeypatch.setattr(fit, "contrastive_loss", lambda embeddings, labels: None)
    with pytest.raises(TypeError, match="NoneType"):
        fit.train_model("digits", *tiny, recipe=once, mixed_precision=True)


def test_an_apple_gpu_computes_in_float32(assignment):
    assert not assignment("precision").has_bfloat16(torch.device("mps"))


def test_a_processor_without_its_library_computes_in_float32(assignment, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert not assignment("precision").has_bfloat16(torch.device("cpu"))
