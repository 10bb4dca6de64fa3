"""Mahalanobis distance of the embedding to the nearest class.

Source: K. Lee, K. Lee, H. Lee and J. Shin, A Simple Unified Framework for Detecting Out-of-
Distribution Samples and Adversarial Attacks, NeurIPS 2018, eq. 2, without its input noise.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from solutions.zoo.outputs import Outputs

RIDGE = 1e-6  # enough for an embedding with a dead dimension


class Gaussians(NamedTuple):
    """One normal distribution a class, all of the same shape.

    Attributes:
        means: float64 (K, D).
        whitening: float64 (D, D), W with WᵀW the inverse of the tied covariance.
    """

    means: Tensor
    whitening: Tensor


def fit_gaussians(embedding: Tensor, labels: Tensor, ridge: float = RIDGE) -> Gaussians:
    """Class means, and the covariance around them, pooled over all classes.

    Args:
        embedding: (N, D).
        labels: int64 (N,), 0 to K - 1, each of them present.
        ridge: Share of the mean variance that is added to every direction's.
    """
    embedding = embedding.double()
    means = torch.stack([embedding[labels == k].mean(0) for k in range(int(labels.max()) + 1)])
    around = embedding - means[labels]  # (N, D)
    covariance = around.T @ around / len(around)  # (D, D)
    identity = torch.eye(len(covariance), dtype=torch.float64)
    added = ridge * covariance.diagonal().mean().clamp(min=torch.finfo(torch.float64).tiny)
    factor = torch.linalg.cholesky(covariance + added * identity)
    return Gaussians(means, torch.linalg.solve_triangular(factor, identity, upper=False))


def mahalanobis(embedding: Tensor, gaussians: Gaussians) -> Tensor:
    """Min over classes of (z - μ_c)ᵀ Σ⁻¹ (z - μ_c).

    Args:
        embedding: (N, D).
        gaussians: Of D dimensions.

    Returns:
        float64 (N,), at least 0, high = more likely unknown.
    """
    whitened = embedding.double() @ gaussians.whitening.T  # (N, D)
    centres = gaussians.means @ gaussians.whitening.T  # (K, D)
    exact = "donot_use_mm_for_euclid_dist"  # the product form loses digits, and by the batch's size
    return torch.cdist(whitened, centres, compute_mode=exact).amin(dim=1) ** 2


class Mahalanobis:
    """The Mahalanobis score on "embedding"."""

    needs = ("embedding",)
    gaussians: Gaussians

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Fit the class means and the tied covariance."""
        self.gaussians = fit_gaussians(outputs["embedding"], labels)

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64."""
        return mahalanobis(outputs["embedding"], self.gaussians)
