"""The probability of the class K + 1 that stands for everything unknown.

Source: the K + 1 softmax of system c; A. Bendale and T. Boult, Towards Open Set Deep Networks, CVPR
2016, discuss the same classifier with real unknown images.
"""

from __future__ import annotations

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.fitless import Fitless
from solutions.zoo.scores.log_odds import unknown_log_odds


def unknown_probability(logits: Tensor, unknown_logit: Tensor) -> Tensor:
    """softmax([f, u])_{K+1}, computed as the sigmoid of its log-odds.

    In float64: in float32 every image that looks unknown enough has the same probability, 1.

    Args:
        logits: f, (N, K), of the known classes.
        unknown_logit: u, (N,).

    Returns:
        float64 (N,) in [0, 1], high = more likely unknown.
    """
    every = torch.cat([logits, unknown_logit[:, None]], dim=1)  # (N, K + 1)
    return torch.sigmoid(unknown_log_odds(every.double()))


class UnknownProbability(Fitless):
    """The K + 1 score."""

    needs = ("logits", "unknown_logit")

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64."""
        return unknown_probability(outputs["logits"], outputs["unknown_logit"])
