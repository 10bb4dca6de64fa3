"""EfficientNets.

Source: M. Tan and Q. Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks,
ICML 2019.
"""

from __future__ import annotations

from typing import Any

from solutions.zoo.framework.backbones.timm_models import TimmBackbone, timm_backbone


def efficientnet(
    channels: int,
    size: int,
    name: str = "efficientnet_b0",
    pretrained: bool = False,
    **options: Any,
) -> TimmBackbone:
    """An EfficientNet of timm.

    Args:
        channels: Of the images.
        size: Their height and width; 28 pixels become one before the pooling.
        name: As timm has it, such as "efficientnet_b0".
        pretrained: Start from published weights.
        options: More arguments of timm's own constructor.

    Raises:
        UserError: As `timm_backbone`.
    """
    return timm_backbone(channels, size, name, pretrained, **options)
