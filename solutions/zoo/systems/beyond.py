"""Methods of the field that the teaching projects do not have, on one small classifier."""

from __future__ import annotations

from solutions.zoo.method import Spec
from solutions.zoo.networks.small import SmallClassifier
from solutions.zoo.objectives import cross_entropy
from solutions.zoo.rules import Conformal
from solutions.zoo.scores.brightness import Brightness
from solutions.zoo.scores.energy import Energy
from solutions.zoo.training import GradientTraining, Recipe

SMALL = GradientTraining(
    name="small",
    build=SmallClassifier,
    objective=cross_entropy,
    recipes={
        "default": Recipe(epochs=3, batch_size=250, rate=3e-3, schedule="one_cycle", bf16=True),
        "quick": Recipe(
            epochs=1, batch_size=100, rate=3e-3, schedule="one_cycle", most_images=4000
        ),
    },
)

METHODS = (
    Spec(
        name="brightness",
        title="mean brightness",
        system="floor",
        training=SMALL,
        score=Brightness,
        rule=Conformal(0.01),
        idea="How far an image's mean brightness lies from that of the training images. Knows "
        "nothing of shapes: a method that does not beat it has shown nothing.",
        formula="s = |mean x - median over training images of mean x|",
        source="a floor; no network",
    ),
    Spec(
        name="energy",
        title="energy",
        system="beyond",
        training=SMALL,
        score=Energy,
        rule=Conformal(0.01),
        idea="A classifier raises some logit for an image of a class it knows. Their smooth "
        "maximum, negated, is low for known images. Far images can raise logits too.",
        formula="s = -T logsumexp(f / T)",
        source="Liu et al., Energy-based Out-of-distribution Detection, NeurIPS 2020, eq. 4",
    ),
)
