"""How each attempt of system b is trained: a network, a loss, and the numbers on record.

The "seed" recipes are the report's numbers. The "default" ones take at most some 40 CPU seconds on
one core: one cycle instead of steps, bfloat16, 1 to 3 epochs of as many images as that allows.

Where the report says nothing, an attempt keeps the last numbers that were written down: attempts 4
and 5 those of Figure 13. Where it contradicts itself (the learning rate and the margin of attempt 2
differ between Figures 7 and 8), the tuning section counts. Its optimiser steps once an epoch where
Figure 7's indentation is taken at its word; here it steps once a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from solutions.zoo.apart import Apart
from solutions.zoo.attempt_loss import AttemptLoss, Contrast
from solutions.zoo.networks.attempts.autoencoder import ConvAutoencoder
from solutions.zoo.networks.attempts.classifiers import (
    four_convolutions,
    six_convolutions,
    two_convolutions,
)
from solutions.zoo.networks.attempts.on_code import CodeClassifier, CodeHead, SkipHead
from solutions.zoo.networks.attempts.plain import PlainAutoencoder
from solutions.zoo.training import Budget, GradientTraining, Recipe

DECAY = 1e-5  # Figures 2 and 7
FIGURE_2 = Recipe(epochs=300, batch_size=128, rate=0.01, weight_decay=DECAY)
FIGURE_8 = Recipe(
    epochs=300,
    batch_size=256,
    rate=0.001,
    weight_decay=DECAY,
    schedule="step",
    step_size=10,
    decay=0.5,
)
FIGURE_13 = replace(FIGURE_8, epochs=100, batch_size=128, rate=0.004)
FIGURE_27 = Recipe(epochs=300, batch_size=200, rate=0.01, schedule="step", step_size=25, decay=0.4)
QUICK = Recipe(
    epochs=1, batch_size=100, rate=3e-3, schedule="one_cycle", bf16=True, most_images=2000
)


def recipes(seed: Recipe, epochs: int, most_images: int = 0) -> Mapping[Budget, Recipe]:
    """The report's recipe, the fast one with so many epochs and images, and the one for tests."""
    fast = Recipe(
        epochs=epochs,
        batch_size=100,
        rate=3e-3,
        schedule="one_cycle",
        bf16=True,
        most_images=most_images,
    )
    return {"seed": seed, "default": fast, "quick": QUICK}


def on_code(
    name: str,
    code_size: int,
    recipe: Recipe,
    contrast: Contrast | None = None,
    skips: bool = False,
    skip_head: bool = False,
) -> GradientTraining:
    """An autoencoder with a classifier on its features, on the sum of their losses."""

    def build(num_classes: int) -> CodeClassifier:
        head = SkipHead if skip_head else CodeHead
        return CodeClassifier(ConvAutoencoder(code_size, skips), head(code_size, num_classes))

    loss = AttemptLoss(classify=True, reconstruct=True, contrast=contrast)
    most_images = 30_000 if skip_head else 36_000
    return GradientTraining(name, build, loss, recipes(recipe, 2, most_images))


ATTEMPT_1 = on_code("attempt 1", 150, FIGURE_2)
ATTEMPT_1_SMALL = on_code("attempt 1, code of 32", 32, replace(FIGURE_2, batch_size=256))
ATTEMPT_2 = on_code("attempt 2", 64, FIGURE_8, Contrast(0.1, 0.5, "code"))
ATTEMPT_2_DIVIDED = on_code(
    "attempt 2, divided", 96, FIGURE_8, Contrast(0.05, 1.0, "code", "half size")
)

# Whether attempt 3 still divides is not said; attempt 2 ended with it.
CONTRAST_13 = Contrast(0.1, 0.75, "code", "half size")
ATTEMPT_3_SKIPS = on_code("attempt 3, skips", 16, FIGURE_13, CONTRAST_13, skips=True)
ATTEMPT_3_BOTH = on_code(
    "attempt 3, both skips", 16, FIGURE_13, CONTRAST_13, skips=True, skip_head=True
)


def skipping(augmented: float, most_images: int) -> GradientTraining:
    """The autoencoder with skip connections by itself; the code of 64 is Figure 13's."""
    return GradientTraining(
        "skip autoencoder",
        lambda _: ConvAutoencoder(64, skips=True),
        AttemptLoss(reconstruct=True, contrast=CONTRAST_13, augmented=augmented),
        recipes(FIGURE_13, 1, most_images),
    )


def plain(recipe: Recipe, contrast: Contrast | None = None) -> GradientTraining:
    """The plain autoencoder by itself, on images as they are; the code of 32 is Figure 27's."""
    return GradientTraining(
        "plain autoencoder",
        lambda _: PlainAutoencoder(32),
        AttemptLoss(reconstruct=True, contrast=contrast),
        recipes(recipe, 2),
    )


ATTEMPT_3_CNN = Apart(
    "attempt 3, CNN",
    (
        skipping(augmented=0.0, most_images=36_000),
        GradientTraining(
            "CNN of Figure 18",
            two_convolutions,
            AttemptLoss(classify=True),
            recipes(FIGURE_13, 1, 40_000),
        ),
    ),
)
FIGURE_21_AUGMENTED = GradientTraining(
    "CNN of Figure 21, augmented",
    four_convolutions,
    AttemptLoss(classify=True, augmented=1.0),
    recipes(FIGURE_13, 1, 10_000),
)
ATTEMPT_4 = Apart("attempt 4", (skipping(augmented=1.0, most_images=30_000), FIGURE_21_AUGMENTED))
ATTEMPT_5 = Apart("attempt 5", (plain(FIGURE_13, CONTRAST_13), FIGURE_21_AUGMENTED))

SIX = GradientTraining(
    "six convolutions",
    six_convolutions,
    AttemptLoss(classify=True, contrast=Contrast(1.0, 1.0, "embedding", "size"), augmented=0.5),
    recipes(FIGURE_27, 1, 11_000),
)
FINAL = Apart("final model", (plain(FIGURE_27), SIX))
BASELINE = replace(SIX, name="baseline", recipes=recipes(replace(FIGURE_27, epochs=100), 1, 15_000))
