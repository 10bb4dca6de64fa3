"""DINOv2's architecture: a vision transformer with patches of 14 and layer scale.

Source: M. Oquab et al., DINOv2: Learning Robust Visual Features without Supervision, TMLR 2024.
"""

from __future__ import annotations

from typing import Any

from solutions.zoo.framework.backbones.timm_models import TimmBackbone
from solutions.zoo.framework.backbones.vit import vit


def dinov2(
    channels: int,
    size: int,
    name: str = "vit_small_patch14_dinov2",
    patch: int = 14,
    depth: int | None = None,
    pretrained: bool = False,
    **options: Any,
) -> TimmBackbone:
    """A DINOv2 of timm for images of this size; its features are a class token's.

    Args:
        channels: Of the images.
        size: Their height and width, a multiple of the patch: 28 gives four patches of 14.
        name: As timm has it.
        patch: Height and width of a patch; the published weights are for 14.
        depth: How many blocks, instead of the published number.
        pretrained: Start from the published weights, which are what DINOv2 is known for: without
            them this is a vision transformer like any other.
        options: More arguments of timm's own constructor.

    Raises:
        UserError: As `vit`.
    """
    return vit(channels, size, name, patch, depth, pretrained, **options)
