"""Two ways to be unknown: redrawn badly, or called unknown by a classifier of K + 1 classes.

The extra class of system b never has an example, and its logit only falls in training. Yet on
images far from all training images it can be the highest, and then the system answers "unknown",
however well the image was redrawn. Source: system b, Figure 25: the highest of all K + 1 decides.
"""

from __future__ import annotations

from torch import Tensor

from solutions.zoo.outputs import Outputs
from solutions.zoo.scores.fitless import Fitless
from solutions.zoo.scores.reconstruction import mean_squared_error

WORST = 4.0  # the largest mean squared error between values in [-1, 1]


def raised(errors: Tensor, logits: Tensor, unknown_logit: Tensor) -> Tensor:
    """Lift the errors above every error where the unknown class has the highest logit.

    Args:
        errors: (N,), in [0, 4] where images and reconstructions are in [-1, 1]. Images beyond that
            (noise that is not clipped) may have larger ones.
        logits: (N, K).
        unknown_logit: (N,).

    Returns:
        (N,), high = more likely unknown; lifted ones keep their order.
    """
    return errors + WORST * (unknown_logit > logits.amax(dim=1))


class ErrorOrUnknown(Fitless):
    """The mean squared error of the reconstruction, lifted where the classifier says unknown."""

    needs = ("images", "reconstruction", "logits", "unknown_logit")

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        errors = mean_squared_error(outputs["images"], outputs["reconstruction"])
        return raised(errors, outputs["logits"], outputs["unknown_logit"])
