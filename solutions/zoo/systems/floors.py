"""Floors: what a result has to beat before it shows anything."""

from __future__ import annotations

from solutions.zoo.method import Spec
from solutions.zoo.rules import Conformal
from solutions.zoo.scores.brightness import Brightness
from solutions.zoo.scores.pca import Pca
from solutions.zoo.systems.trainings import SMALL

METHODS = (
    Spec(
        name="brightness",
        title="floor: mean brightness",
        system="floor",
        training=SMALL,
        score=Brightness,
        rule=Conformal(0.01),
        idea="How far an image's mean brightness lies from that of the training images. It knows "
        "nothing of shapes: where it separates well, so does anything.",
        formula="s = |mean x - m|, m the median over training images of mean x",
        source="a floor, no network; labels from the small classifier",
    ),
    Spec(
        name="pca",
        title="floor: PCA-32 residual",
        system="floor",
        training=SMALL,
        score=Pca,
        rule=Conformal(0.01),
        idea="Images redrawn from their first 32 principal components, fitted to training images. "
        "What a linear autoencoder with 32 numbers can tell, without training one.",
        formula="s = ‖(x - μ) - PPᵀ(x - μ)‖, P the first 32 principal directions",
        source="a floor, no network; labels from the small classifier",
    ),
)
