"""Temperature calibration: one number that makes a classifier's probabilities honest.

Source: C. Guo, G. Pleiss, Y. Sun and K. Weinberger, On Calibration of Modern Neural Networks, ICML
2017, sections 2 and 4.2.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from solutions.zoo.outputs import Outputs

LEAST, MOST = 0.01, 100.0  # of the temperature
BINS = 15
SCALED = ("logits", "unknown_logit")


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature T at which softmax(f / T) gives labels the highest likelihood.

    The likelihood has one optimum in log T, which is sought between .01 and 100: a classifier
    without a mistake would have T go to 0.

    Args:
        logits: (N, K), of known images the network was not trained on.
        labels: int64 (N,).

    Returns:
        T, above 1 where the network is too sure of itself.
    """
    from scipy.optimize import minimize_scalar

    exact = logits.double()
    found = minimize_scalar(
        lambda log_t: nll(exact, labels, math.exp(log_t)),
        bounds=(math.log(LEAST), math.log(MOST)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return math.exp(float(found.x))


def nll(logits: Tensor, labels: Tensor, temperature: float = 1.0) -> float:
    """Mean negative log-likelihood, in nats, of labels (N,) under softmax(logits (N, K) / T)."""
    return float(F.cross_entropy(logits.double() / temperature, labels))


def expected_calibration_error(logits: Tensor, labels: Tensor, temperature: float = 1.0) -> float:
    """How far confidence and accuracy lie apart, in the mean over 15 bins of confidence.

    Args:
        logits: (N, K).
        labels: int64 (N,).
        temperature: What the logits are divided by.

    Returns:
        In [0, 1]; eq. 3 of Guo et al., each bin weighted by its share of the images.
    """
    confidence, predicted = (logits.double() / temperature).softmax(dim=1).max(dim=1)
    gap = (predicted == labels).double() - confidence
    # Bins are open below and closed above: (0, 1/15], (1/15, 2/15], ...
    which = ((confidence * BINS).ceil().long() - 1).clamp(0, BINS - 1)
    sums = torch.zeros(BINS, dtype=torch.float64).index_add_(0, which, gap)
    return float(sums.abs().sum() / len(labels))


def calibration_report(
    temperature: float, heldout: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> dict[str, float]:
    """What the temperature did: to the likelihood that it was fitted for, and on test images.

    Args:
        temperature: As fitted, or 1.
        heldout: Logits (N, K) as the network gave them, and labels int64 (N,).
        test: The same of known test images.

    Returns:
        "temperature"; "heldout_nll_before" and "_after", in nats; "test_ece_before" and "_after".
    """
    return {
        "temperature": temperature,
        "heldout_nll_before": nll(*heldout),
        "heldout_nll_after": nll(*heldout, temperature),
        "test_ece_before": expected_calibration_error(*test),
        "test_ece_after": expected_calibration_error(*test, temperature),
    }


def calibrated(outputs: Outputs, temperature: float) -> Outputs:
    """The outputs with their logits divided by the temperature; all others as they are."""
    return {
        name: value / temperature if name in SCALED else value for name, value in outputs.items()
    }
