"""The log-odds of the last of K + 1 classes, which stands for everything unknown."""

from __future__ import annotations

import torch
from torch import Tensor


def unknown_log_odds(logits: Tensor) -> Tensor:
    """ln(p / (1 - p)) = u - logsumexp f, p the softmax probability of the last class.

    In order of p itself, but p of most known digits would round to 0 and tie.

    Args:
        logits: (N, K + 1): f of the known classes, then u of the unknown one.

    Returns:
        (N,), high = more likely unknown.
    """
    return logits[:, -1] - torch.logsumexp(logits[:, :-1], dim=1)
