"""Mean activation vectors: where each known class lies in a network's features.

Source: A. Bendale and T. Boult, Towards Open Set Deep Networks, CVPR 2016, section 2.1; the
distance "eucos" as in their code (OSDN).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from solutions.errors import UserError
from solutions.zoo.outputs import Outputs, wanted

Metric = Literal["euclidean", "eucos"]

EUCOS_UNIT = 200.0  # OSDN's: brings Euclidean distances to the size of cosine distances


def features_of(
    outputs: Outputs, names: Sequence[str], by: str, units: Sequence[float] = ()
) -> Tensor:
    """The named outputs side by side.

    Args:
        outputs: What a network said.
        names: What is wanted of it.
        by: Who needs it, for the message.
        units: What each output is divided by; none, where it is taken as it is.

    Returns:
        float64 (N, D).

    Raises:
        UserError: One is missing.
    """
    parts = [value.flatten(1).double() for value in wanted(outputs, names, by)]
    if units:
        parts = [part / unit for part, unit in zip(parts, units, strict=True)]
    return torch.cat(parts, dim=1)


def correctly_classified(logits: Tensor, labels: Tensor) -> Tensor:
    """Which images the network gets right: logits (N, K), labels (N,) -> bool (N,)."""
    return logits.argmax(dim=1) == labels


def require_enough(labels: Tensor, num_classes: int, count: int, purpose: str) -> None:
    """Does nothing where every class has enough correctly classified images.

    Args:
        labels: int64 (N,), of correctly classified images alone.
        num_classes: K.
        count: How many a class has to have.
        purpose: What they are for, such as "a tail of 20".

    Raises:
        UserError: A class has fewer; names it.
    """
    counts = torch.bincount(labels, minlength=num_classes)
    if int(counts.min()) < count:
        worst = int(counts.argmin())
        raise UserError(
            f"class {worst} has {int(counts[worst])} correctly classified training images, too few "
            f"for {purpose}: train longer, give more images of it, or ask for a smaller tail"
        )


def mean_activation_vectors(features: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """The mean feature of each class.

    Args:
        features: float64 (N, D), of correctly classified training images alone.
        labels: int64 (N,); every class is there.
        num_classes: K.

    Returns:
        float64 (K, D).

    Raises:
        UserError: A class has no image.
    """
    require_enough(labels, num_classes, 1, "a mean activation vector")
    return torch.stack([features[labels == label].mean(dim=0) for label in range(num_classes)])


def spread_about(features: Tensor, labels: Tensor, vectors: Tensor) -> float:
    """How far a class's images lie from its vector: the root of the mean squared distance.

    Args:
        features: float64 (N, D).
        labels: int64 (N,).
        vectors: float64 (K, D).

    Returns:
        Above 0: 1 where every image lies on its class's vector.
    """
    squared = (features - vectors[labels]).square().sum(dim=1).mean()
    return float(squared.sqrt()) or 1.0


def distances_to(features: Tensor, vectors: Tensor, metric: Metric = "euclidean") -> Tensor:
    """How far features lie from each class's mean activation vector.

    Args:
        features: float64 (N, D).
        vectors: float64 (K, D).
        metric: "euclidean"; or "eucos", Euclidean / 200 + cosine distance.

    Returns:
        float64 (N, K), at least 0.

    Raises:
        UserError: There is no such metric.
    """
    if metric not in ("euclidean", "eucos"):
        raise UserError(f"no metric {metric!r}: there are euclidean and eucos")
    # Not by matrix product: its rounding would depend on how many images are asked about.
    euclidean = torch.cdist(features, vectors, compute_mode="donot_use_mm_for_euclid_dist")
    if metric == "euclidean":
        return euclidean
    cosine = torch.stack(
        [torch.cosine_similarity(features, vector[None], dim=1) for vector in vectors], dim=1
    )
    return euclidean / EUCOS_UNIT + (1 - cosine).clamp_min(0)  # (N, K)
