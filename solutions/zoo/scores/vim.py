"""Virtual-logit matching: what of the embedding lies outside the subspace of known images.

Source: H. Wang, Z. Li, L. Feng and W. Zhang, ViM: Out-Of-Distribution with Virtual-logit Matching,
CVPR 2022, section 4.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from solutions.errors import UserError
from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.energy import energy


class Subspace(NamedTuple):
    """Where embeddings of known images lie.

    Attributes:
        origin: float64 (D,), the embedding whose logits are as near 0 as can be.
        residual: float64 (D, D - P), an orthonormal basis of what is left out.
        alpha: How many logits a unit of residual is worth.
    """

    origin: Tensor
    residual: Tensor
    alpha: float


def fit_subspace(embedding: Tensor, logits: Tensor) -> Subspace:
    """The P = D / 2 principal directions of known embeddings, seen from the origin.

    The origin is -W⁺b of the last layer. Its W and b are recovered by least squares from what the
    layer did, which is exact where the logits are a linear function of the embedding.

    Args:
        embedding: (N, D).
        logits: (N, K).

    Raises:
        UserError: The highest logits are negative on average.
    """
    embedding, logits = embedding.double(), logits.double()
    ones = torch.ones(len(embedding), 1, dtype=torch.float64)
    layer = torch.linalg.lstsq(torch.cat([embedding, ones], dim=1), logits, driver="gelsd").solution
    weights, bias = layer[:-1].T, layer[-1]  # (K, D), (K,)
    origin = -torch.linalg.pinv(weights) @ bias
    centred = embedding - origin
    _, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))  # ascending
    residual = vectors[:, : embedding.shape[1] - embedding.shape[1] // 2]
    highest = logits.amax(dim=1).mean()
    if highest <= 0:
        raise UserError(
            "ViM scales residuals by the mean highest logit of training images, which is "
            f"{float(highest):.3g} here and would turn the score around: train for longer"
        )
    lengths = (centred @ residual).norm(dim=1)
    alpha = highest / lengths.mean().clamp(min=torch.finfo(torch.float64).tiny)
    return Subspace(origin, residual, float(alpha))


def vim(embedding: Tensor, logits: Tensor, subspace: Subspace) -> Tensor:
    """α · ‖residual‖ - logsumexp f.

    Args:
        embedding: (N, D).
        logits: (N, K).
        subspace: Of D dimensions.

    Returns:
        float64 (N,), high = more likely unknown.
    """
    outside = (embedding.double() - subspace.origin) @ subspace.residual  # (N, D - P)
    residual: Tensor = torch.linalg.vector_norm(outside, dim=1)
    return subspace.alpha * residual + energy(logits.double())


class Vim:
    """The ViM score on "embedding" and "logits"."""

    needs = ("embedding", "logits")
    subspace: Subspace

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Fit the subspace."""
        self.subspace = fit_subspace(outputs["embedding"], outputs["logits"])

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,), float64."""
        return vim(outputs["embedding"], outputs["logits"], self.subspace)
