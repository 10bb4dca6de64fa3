"""The one image size that these networks are drawn for."""

from __future__ import annotations

from torch import Tensor

from solutions.errors import UserError


def require_digit_size(images: Tensor) -> None:
    """Does nothing where images are (N, 1, 28, 28).

    Raises:
        UserError: They are not.
    """
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
        raise UserError(
            f"system b's networks take images (N, 1, 28, 28), not {tuple(images.shape)}: "
            "choose a data set of that size, or a method of another system"
        )
