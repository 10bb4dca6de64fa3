"""Vision transformers.

Source: A. Dosovitskiy et al., An Image is Worth 16x16 Words: Transformers for Image Recognition at
Scale, ICLR 2021.
"""

from __future__ import annotations

from typing import Any

from solutions.errors import UserError
from solutions.zoo.framework.backbones.timm_models import TimmBackbone, timm_backbone


def vit(
    channels: int,
    size: int,
    name: str = "vit_tiny_patch16_224",
    patch: int = 4,
    depth: int | None = None,
    pretrained: bool = False,
    **options: Any,
) -> TimmBackbone:
    """A vision transformer of timm for images of this size.

    Args:
        channels: Of the images.
        size: Their height and width, a multiple of the patch.
        name: As timm has it; the patch and the size in it are overridden.
        patch: Height and width of a patch. Pretrained weights are stretched to it.
        depth: How many blocks, instead of the published number.
        pretrained: Start from published weights.
        options: More arguments of timm's own constructor.

    Raises:
        UserError: As `timm_backbone`; or the patch does not divide the size.
    """
    require_patches(size, patch)
    if depth is not None:
        options["depth"] = depth
    options |= {"img_size": size, "patch_size": patch}
    return timm_backbone(channels, size, name, pretrained, **options)


def require_patches(size: int, patch: int) -> None:
    """Does nothing where images can be cut into whole patches.

    Raises:
        UserError: They cannot; says which patches fit.
    """
    if patch < 1 or size % patch:
        fitting = [str(part) for part in range(2, size + 1) if size % part == 0]
        raise UserError(
            f"images of {size} x {size} cannot be cut into patches of {patch}: "
            f"set backbone.patch to one of {', '.join(fitting)}, or give data.size a multiple"
        )
