"""The losses of system b's attempts: each attempt is a choice among three terms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assignment.augment import Jitter, jittered
from solutions.reference.contrastive import contrastive_loss
from solutions.zoo.networks.attempts.unknown_logit import join_unknown
from solutions.zoo.outputs import Outputs

# The transforms of Figure 22, each image moved by its own draw. Rotation by 8 degrees and shifts by
# 8 % of 28 pixels are as written; a shear of .3 is .3 degrees in torchvision. Its random resized
# crop (area 92 to 108 %, ratio 3:4 to 4:3) takes the whole image in a third of the draws, and else
# enlarges a side, rarely both, by 4 or 8 %; here each side is scaled by 4 % either way. Torchvision
# shifts by whole pixels and takes the nearest; here bilinear interpolation.
FIGURE_22 = Jitter(rotation=8, shift=0.08 * 28, scale=0.04, shear=math.tan(math.radians(0.3)))


@dataclass(frozen=True)
class Contrast:
    """The contrastive loss as a term of the sum.

    Attributes:
        weight: Of the term.
        margin: How far apart two classes should be.
        on: The output whose distances are taken.
        divided_by: Nothing, half the size of that output, or its size.
    """

    weight: float
    margin: float
    on: Literal["code", "embedding"]
    divided_by: Literal["nothing", "half size", "size"] = "nothing"

    def __call__(self, outputs: Outputs, labels: Tensor) -> Tensor:
        """The weighted term, 0-dim."""
        vectors = outputs[self.on].float()  # (B, D); distances want more than bfloat16 has
        size = vectors.shape[1]
        divisor = {"nothing": 1.0, "half size": size / 2, "size": size}[self.divided_by]
        return self.weight / divisor * contrastive_loss(vectors, labels, self.margin)


def classification(outputs: Outputs, labels: Tensor) -> Tensor:
    """Cross-entropy over K + 1 classes; no image shows the last, so its logit only ever falls."""
    return F.cross_entropy(join_unknown(outputs).float(), labels)


def reconstruction(outputs: Outputs, images: Tensor) -> Tensor:
    """Mean squared error over all pixels of all images (B, C, H, W)."""
    return F.mse_loss(outputs["reconstruction"].float(), images)


@dataclass(frozen=True)
class AttemptLoss:
    """The objective of one network: the sum of the terms it has.

    Attributes:
        classify: Whether the network is trained to classify.
        reconstruct: Whether it is trained to redraw what it is shown, moved or not.
        contrast: The contrastive term, if any.
        augmented: Share of each batch that is moved by `FIGURE_22`: its last images.
    """

    classify: bool = False
    reconstruct: bool = False
    contrast: Contrast | None = None
    augmented: float = 0.0

    def __call__(
        self, network: nn.Module, images: Tensor, labels: Tensor, generator: torch.Generator
    ) -> Tensor:
        """The loss of a batch: images (B, C, H, W), labels (B,), 0-dim."""
        shown = augmented(images, self.augmented, generator)
        outputs: Outputs = network(shown)
        terms = []
        if self.classify:
            terms.append(classification(outputs, labels))
        if self.reconstruct:
            terms.append(reconstruction(outputs, shown))
        if self.contrast:
            terms.append(self.contrast(outputs, labels))
        return torch.stack(terms).sum()


def augmented(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Images (B, 1, H, W) with the last `share` of them moved; a new tensor, or the images."""
    still = round(len(images) * (1 - share))
    if still == len(images):
        return images
    return torch.cat([images[:still], jittered(images[still:], FIGURE_22, generator)])
