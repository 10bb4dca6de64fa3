"""How far features lie from the nearest class mean, in units of the scatter within the classes.

Source: K. Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples and
Adversarial Attacks", NeurIPS (2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Mahalanobis:
    """Class means and the shared scatter.

    Attributes:
        means: float32 (K, D), in whitened coordinates.
        whitening: float32 (D, D): features @ whitening have the unit matrix as covariance.
    """

    means: Tensor
    whitening: Tensor

    def distances(self, features: Tensor) -> Tensor:
        """Squared distance from the nearest class mean: (N, D) to (N,), at least 0."""
        whitened = features @ self.whitening
        # The quick way cancels digits away, and is taken or not by the size of the batch.
        exact = "donot_use_mm_for_euclid_dist"
        return torch.cdist(whitened, self.means, compute_mode=exact).square().amin(dim=1)


def fit_mahalanobis(features: Tensor, labels: Tensor, shrinkage: float = 1e-2) -> Mahalanobis:
    """Fit on features (N, D) of digits with labels (N,) in 0 to K - 1.

    Args:
        features: float32.
        labels: int64, every class present.
        shrinkage: share of the mean variance that is added to every direction's.
    """
    classes = int(labels.max()) + 1
    exact = features.double()
    means = torch.stack([exact[labels == index].mean(dim=0) for index in range(classes)])
    centred = exact - means[labels]
    covariance = centred.T @ centred / len(centred)
    values, vectors = torch.linalg.eigh(covariance)
    whitening = vectors / (values.clamp_min(0) + shrinkage * values.mean()).sqrt()
    return Mahalanobis((means @ whitening).float(), whitening.float())
