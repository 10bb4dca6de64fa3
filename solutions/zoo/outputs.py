"""What a network says about images: named tensors, one row an image."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from solutions.errors import UserError

# The names in use: "images" (N, C, H, W), what was looked at; "logits" (N, K), one a known class,
# no softmax; "embedding" (N, D), what distances are taken on; "reconstruction" (N, C, H, W);
# "unknown_logit" (N,), of a classifier with K + 1 classes. A network may add names of its own.
Outputs = dict[str, Tensor]

CHUNK = 100  # images at a time: what deep networks say of more does not fit in the cache


def outputs_of(network: nn.Module, images: Tensor) -> Outputs:
    """Everything that a network says about images, computed in evaluation mode.

    Args:
        network: `forward(images) -> Outputs`; its mode is restored afterwards.
        images: float32 (N, C, H, W) in [-1, 1], on the CPU.

    Returns:
        What the network returned and the images themselves, on the CPU, float32.

    Raises:
        UserError: An output holds NaN or infinity.
    """
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    was_training = network.training
    network.eval()
    parts: list[Outputs] = []
    with torch.inference_mode():
        for chunk in torch.split(images, CHUNK):
            outputs = network(chunk.to(device))
            parts.append({name: value.float().cpu() for name, value in outputs.items()})
    network.train(was_training)
    joined = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    for name, value in joined.items():
        require_finite(name, value)
    return {**joined, "images": images}


def require_finite(name: str, values: Tensor) -> None:
    """Does nothing where every value is a number.

    Raises:
        UserError: One is NaN or infinite; says which image's.
    """
    rows = values.reshape(len(values), -1)
    bad = (~torch.isfinite(rows).all(dim=1)).nonzero()
    if len(bad):
        raise UserError(
            f"{name} of image {int(bad[0])} is NaN or infinite ({len(bad)} of {len(values)}): "
            "look at the images, or train with a lower learning rate"
        )


def wanted(outputs: Outputs, names: Sequence[str], by: str) -> list[Tensor]:
    """The named outputs, in this order.

    Args:
        outputs: What a network said.
        names: What is needed.
        by: Who needs it, for the message.

    Raises:
        UserError: The network says nothing of that name.
    """
    missing = [name for name in names if name not in outputs]
    if missing:
        raise UserError(
            f"{by} needs {' and '.join(missing)}, and the network gives only "
            f"{', '.join(sorted(outputs))}"
        )
    return [outputs[name] for name in names]
