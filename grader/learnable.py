"""Every parameter counts: it is saved with the network, takes part, and is moved by the loss."""

from __future__ import annotations

import numpy as np

from .expect import expect, expect_close, expect_varied, is_same
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


def expect_registered(output: np.ndarray, of_twin: np.ndarray) -> None:
    """Fail unless a network and another one with its registered weights give the same.

    Raises:
        Mismatch: something that counts is not in the state_dict.
    """
    expect_close(
        "the output of a new network with the same state_dict",
        of_twin,
        output,
        absolute=1e-4,
        because="a layer is not registered, so it is neither trained nor saved: keep layers in "
        "attributes, nn.Sequential or nn.ModuleList, not in a plain list",
    )


def expect_gradients(gradients: dict[str, float | None]) -> None:
    """Fail unless every parameter got a finite gradient (its largest element; None: it got none).

    Raises:
        Mismatch: one did not, or all are zero.
    """
    missing = [name for name, largest in gradients.items() if largest is None]
    expect(
        not missing,
        f"{len(missing)} of {len(gradients)} parameters get no gradient, among them "
        f"{', '.join(missing[:3])}: is the layer unused, or the graph cut before it?",
    )
    broken = [name for name, largest in gradients.items() if not np.isfinite(largest or 0.0)]
    expect(not broken, f"the gradient of {', '.join(broken[:3])} holds nan or infinity")
    expect(
        any(largest for largest in gradients.values()),
        "every gradient is zero: is the output constant?",
    )


def expect_trained(
    code: str, result: str, gradients: dict[str, float | None], of_code: frozenset[str]
) -> None:
    """Fail unless parameters lead to the code (latent, embedding) and the result's loss moves them.

    Raises:
        Mismatch: there are none, or all their gradients are 0.
    """
    expect(
        bool(of_code),
        f"no parameter that can be trained leads to the {code}: are its layers frozen "
        "(requires_grad_(False)) or buffers, or is it detached?",
    )
    expect(
        any(gradients.get(name) for name in of_code),
        f"the {result}'s gradient is 0 for everything that leads to the {code}, so it is never "
        "trained: round, sign and argmax let no gradient through",
    )
