"""Every parameter counts: it is saved with the network, takes part, and is moved by the loss."""

from __future__ import annotations

import numpy as np

from .expect import (
    expect,
    expect_gradients,
    expect_registered,
    expect_trained,
    expect_varied,
    is_same,
)
from .remote import RemoteModule


def expect_learnable(code: str, result: str, network: RemoteModule, images: np.ndarray) -> None:
    """Fail unless all that makes the result from images is registered and gets a gradient.

    Args:
        code: what the network calls the second of its pair, the latent or the embedding.
        result: what it calls the first.
        network: one that answers.
        images: float32 (N, 1, 28, 28).

    Raises:
        Mismatch: something is missing, frozen, unused or detached.
    """
    expect(network.parameters > 0, f"{network.label} has no parameters to learn")
    output, _ = network(images)
    expect_varied(f"the {result}", output)
    if is_same(network(images)[0], output):  # else `repeatable` says it
        expect_registered(output, network.twin()(images)[0])
    gradients = network.parameter_gradients(images)
    expect_gradients(gradients)
    expect_trained(code, result, gradients, network.code_parameters)
