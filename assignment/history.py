"""What a training reports: while it runs, and at its end. Given, not graded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from .recipe import Recipe


@dataclass(frozen=True)
class Losses:
    """The parts of the loss, each a mean over samples, and their weighted sum."""

    classification: float
    reconstruction: float
    contrastive: float
    total: float


@dataclass(frozen=True)
class Progress:
    """Where a training stands: after `step` of `steps`, in `epoch` of `epochs` (both from 1)."""

    step: int
    steps: int
    epoch: int
    epochs: int
    losses: Losses


@dataclass(frozen=True)
class History:
    """What a training did.

    Attributes:
        profile: the name of the data profile.
        seed: what random numbers started from.
        device: where it ran.
        precision: of the products inside the networks, "bfloat16" or "float32".
        recipe: what it was told.
        epochs: the mean losses of each epoch.
        threshold: the fitted threshold.
        heldout_rejection: the fraction of held-out digits above it.
        heldout_accuracy: closed-set accuracy on them; None if their labels were not given.
        seconds: of the wall clock, all of it.
    """

    profile: str
    seed: int
    device: str
    precision: str
    recipe: Recipe
    epochs: tuple[Losses, ...]
    threshold: float
    heldout_rejection: float
    heldout_accuracy: float | None
    seconds: float

    def to_json(self) -> str:
        """Render as indented JSON, one object with the attributes' names."""
        return json.dumps(asdict(self), indent=2) + "\n"
