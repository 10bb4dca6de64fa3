"""Counting correct predictions, and leaving the model as it was."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from solutions.reference.evaluation import Evaluation, eval_model


class Scripted(nn.Module):
    """Predicts what is written in the first pixel, and remembers how it was called."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.frozen = nn.Dropout()
        self.calls = []

    def predict(self, images):
        value = self.layer(images[:, 0, 0, :1])
        self.calls.append((self.training, value.requires_grad, len(images)))
        return images[:, 0, 0, 0].round().long()


class Failing(Scripted):
    def predict(self, images):
        raise RuntimeError("no")


def batch(samples):
    """Samples (prediction, label) as images that carry the prediction, and labels."""
    images = torch.zeros(len(samples), 1, 28, 28)
    images[:, 0, 0, 0] = torch.tensor([float(said) for said, _ in samples])
    return images, torch.tensor([label for _, label in samples], dtype=torch.int64)


def share(outcomes):
    return sum(outcomes) / len(outcomes) if outcomes else float("nan")


labels = st.integers(0, 10)


@settings(deadline=None)
@given(batches=st.lists(st.lists(st.tuples(labels, labels), max_size=6), max_size=5))
def test_every_sample_counts_once(batches):
    samples = [sample for one in batches for sample in one]
    result = eval_model(Scripted(), (batch(one) for one in batches))  # a generator: any iterable
    expected = Evaluation(
        share([said == label for said, label in samples if label != 10]),
        share([said == label for said, label in samples if label == 10]),
        share([said == label for said, label in samples]),
    )
    assert isinstance(result, Evaluation)
    assert result == pytest.approx(expected, nan_ok=True)
    assert all(type(value) is float for value in result)


def test_parts_without_samples_are_nan():
    known = eval_model(Scripted(), [batch([(1, 1), (2, 3)])])
    assert (known.known_accuracy, known.total_accuracy) == (0.5, 0.5)
    assert math.isnan(known.unknown_accuracy)
    unknown = eval_model(Scripted(), [batch([(10, 10)])])
    assert (unknown.unknown_accuracy, unknown.total_accuracy) == (1.0, 1.0)
    assert math.isnan(unknown.known_accuracy)
    assert all(math.isnan(value) for value in eval_model(Scripted(), []))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("model", [Scripted, Failing])
def test_modes_are_restored_part_by_part(training, model):
    model = model().train(training)
    model.frozen.train(not training)
    loader = [batch([(1, 1)])]
    if isinstance(model, Failing):
        with pytest.raises(RuntimeError, match="no"):
            eval_model(model, loader)
    else:
        eval_model(model, loader)
        assert model.calls == [(False, False, 1)]
    assert model.training is training
    assert model.frozen.training is not training
    assert torch.is_grad_enabled()


def test_modes_are_restored_when_the_loader_raises():
    def broken():
        yield batch([(1, 1)])
        raise OSError("gone")

    model = Scripted().train()
    with pytest.raises(OSError, match="gone"):
        eval_model(model, broken())
    assert model.training


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_a_device_is_a_name_or_an_object(device):
    assert eval_model(Scripted(), [batch([(1, 1)])], device).total_accuracy == 1


def test_images_and_labels_are_sent_to_the_device():
    """The meta device computes no values, so a prediction there shows where the images went."""

    class Elsewhere(Scripted):
        def predict(self, images):
            self.calls.append(images.device.type)
            return torch.tensor([1])

    model = Elsewhere()
    assert eval_model(model, [batch([(1, 1)])], "meta").total_accuracy == 1
    assert model.calls == ["meta"]


def test_labels_of_another_integer_type_count_too():
    images, targets = batch([(10, 10), (3, 3)])
    assert eval_model(Scripted(), [(images, targets.to(torch.uint8))]).total_accuracy == 1
