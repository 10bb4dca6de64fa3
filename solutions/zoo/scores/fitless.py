"""What scores have in common that need no fitting."""

from __future__ import annotations

from torch import Tensor

from solutions.zoo.outputs import Outputs


class Fitless:
    """A score that is a function of one image's outputs and of nothing else."""

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Nothing to fit."""
