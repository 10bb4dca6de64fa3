"""Networks that methods of several systems share."""

from __future__ import annotations

from solutions.zoo.combined.as_training import CombinedTraining
from solutions.zoo.combined.training import OutlierRecipe
from solutions.zoo.networks.class_conditional import ClassConditional, conditioned_loss
from solutions.zoo.networks.open_set_lab import OpenSetLab, assignment_loss
from solutions.zoo.networks.small import SmallClassifier
from solutions.zoo.objectives import cross_entropy
from solutions.zoo.training import GradientTraining, Recipe

FAST = Recipe(epochs=3, batch_size=250, rate=3e-3, schedule="one_cycle", bf16=True)
QUICK = Recipe(epochs=3, batch_size=100, rate=3e-3, schedule="one_cycle", most_images=4000)

SMALL = GradientTraining(
    name="small classifier",
    build=SmallClassifier,
    objective=cross_entropy,
    recipes={"default": FAST, "quick": QUICK},
)
CLASS_CONDITIONAL = GradientTraining(
    name="class-conditional autoencoder",
    build=ClassConditional,
    objective=conditioned_loss,
    recipes={"default": FAST, "quick": QUICK},
)
OPEN_SET_LAB = GradientTraining(
    name="assignment's networks",
    build=OpenSetLab,
    objective=assignment_loss,
    recipes={"default": FAST, "quick": QUICK},
)
COMBINED = CombinedTraining(
    name="K + 1 classes and distances",
    recipes={"default": OutlierRecipe(), "quick": OutlierRecipe(steps=40, digits=64, outliers=64)},
)
