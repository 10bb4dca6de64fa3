"""The extra class of a K + 1 classifier: one logit for "unknown", behind those of the classes."""

from __future__ import annotations

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs


def split_unknown(wide: Tensor) -> Outputs:
    """Tell the known classes from the unknown one.

    Args:
        wide: Logits (N, K + 1), the unknown class last.

    Returns:
        "logits" (N, K), "unknown_logit" (N,).
    """
    return {"logits": wide[:, :-1], "unknown_logit": wide[:, -1]}


def join_unknown(outputs: Outputs) -> Tensor:
    """Logits (N, K + 1) from "logits" and "unknown_logit": undoes `split_unknown`."""
    return torch.cat([outputs["logits"], outputs["unknown_logit"].unsqueeze(1)], dim=1)
