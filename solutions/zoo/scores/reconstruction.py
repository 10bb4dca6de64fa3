"""How badly an image was redrawn by an autoencoder that has only learnt to draw known ones.

Source: R. Yoshihashi et al., Classification-Reconstruction Learning for Open-Set Recognition, CVPR
2019, for reconstruction as a sign of the unknown; system b for its mean squared error.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from solutions.reference.threshold import reconstruction_error
from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.fitless import Fitless


def mean_squared_error(images: Tensor, reconstruction: Tensor) -> Tensor:
    """The mean over all values of an image of (x - x̂)².

    Args:
        images: (N, C, H, W) in [-1, 1].
        reconstruction: The same shape.

    Returns:
        (N,) in [0, 4], high = more likely unknown.
    """
    return (images - reconstruction).square().flatten(1).mean(dim=1)


@dataclass
class ReconstructionError(Fitless):
    """The mean squared error, or that divided by the image's ink.

    Attributes:
        by_ink: Divide as the assignment does: the more ink, the more there is to get wrong.
    """

    by_ink: bool = False
    needs = ("images", "reconstruction")

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        error = reconstruction_error if self.by_ink else mean_squared_error
        return error(outputs["images"], outputs["reconstruction"])
