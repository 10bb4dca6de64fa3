"""The loss of networks that classify and reconstruct, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import nn

from solutions.zoo.objectives import classify, classify_and_reconstruct


class Told(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.outputs = outputs

    def forward(self, images):
        return self.outputs


def test_losses_are_numpys():
    random = np.random.default_rng(0)
    logits, labels = random.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
    images, reconstruction = random.normal(size=(2, 5, 1, 4, 4)).astype(np.float32)
    network = Told(
        {"logits": torch.from_numpy(logits), "reconstruction": torch.from_numpy(reconstruction)}
    )
    arguments = torch.from_numpy(images), torch.from_numpy(labels), torch.Generator()
    entropy = -log_softmax(logits, axis=1)[np.arange(5), labels].mean()
    error = ((images - reconstruction) ** 2).mean()
    assert classify(network, *arguments).item() == pytest.approx(entropy)
    found = classify_and_reconstruct(network, *arguments).item()
    assert found == pytest.approx(entropy + error, rel=1e-6)
