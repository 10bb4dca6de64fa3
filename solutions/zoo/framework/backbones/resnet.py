"""Residual networks.

Source: K. He, X. Zhang, S. Ren and J. Sun, Deep Residual Learning for Image Recognition, CVPR 2016.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from solutions.errors import UserError
from solutions.zoo.framework.backbones.timm_models import TimmBackbone, timm_backbone

STAGES = 4


def resnet(
    channels: int,
    size: int,
    name: str = "resnet18",
    pretrained: bool = False,
    widths: tuple[int, ...] | None = None,
    pool: bool = True,
    **options: Any,
) -> TimmBackbone:
    """A ResNet of timm.

    Args:
        channels: Of the images.
        size: Their height and width.
        name: As timm has it, such as "resnet18" or "resnet50".
        pretrained: Start from published weights.
        widths: Channels of the four stages, instead of 64, 128, 256, 512.
        pool: Keep the max pooling of the stem. It was made for images of 224 pixels; without it an
            image of 28 enters the first stage at 14 x 14, not 7 x 7, and training takes nearly
            twice as long.
        options: More arguments of timm's own constructor.

    Raises:
        UserError: As `timm_backbone`; or the widths are not four, or contradict `pretrained`.
    """
    if widths is not None:
        if pretrained:
            raise UserError("pretrained weights fit the published widths alone: leave out widths")
        if len(widths) != STAGES:
            raise UserError(f"a ResNet has {STAGES} stages: widths are {STAGES}, not {len(widths)}")
        options["channels"] = tuple(widths)
    backbone = timm_backbone(channels, size, name, pretrained, **options)
    if not pool:
        backbone.model.maxpool = nn.Identity()
    return backbone
