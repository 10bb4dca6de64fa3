"""One call of every picture, on small seeded numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from solutions.zoo.metrics.oscr import OscrCurve, oscr_curve
from solutions.zoo.metrics.roc import RocCurve, roc_curve
from solutions.zoo.plots.confusion import plot_confusion
from solutions.zoo.plots.embeddings import plot_embeddings
from solutions.zoo.plots.oscr import plot_oscr
from solutions.zoo.plots.published import Result, plot_published
from solutions.zoo.plots.reconstructions import Reconstructed, plot_reconstructions
from solutions.zoo.plots.roc import plot_roc
from solutions.zoo.plots.scores import plot_scores
from solutions.zoo.plots.training import plot_training


def scores(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(0, 1, 60), random.normal(2, 1, 50)


def oscr_curves(count: int) -> dict[str, OscrCurve]:
    known, unknown = scores()
    correct = np.arange(60) % 9 > 0
    return {f"method {i}": oscr_curve(correct, known, unknown + i / 4) for i in range(count)}


def roc_curves(count: int) -> dict[str, RocCurve]:
    known, unknown = scores()
    return {f"method {i}": roc_curve(known, unknown + i / 4) for i in range(count)}


def reconstructed(count: int, channels: int = 1, side: int = 8) -> Reconstructed:
    shape = (count, channels, side, side)
    images = np.random.default_rng(1).uniform(-1, 1, shape)
    labels = np.arange(count) % 11
    return Reconstructed(images, -images, (labels * 5) % 11, labels)


def results() -> list[Result]:
    return [
        Result("letters", "ours", "5 seeds", 0.94, ours=True, spread=0.01),
        Result("letters", "theirs", "A. Author 2019, table 3", 0.79, ours=False),
        Result("noise", "theirs", "A. Author 2019, table 3", 0.83, ours=False),
    ]


def embedded(count: int = 30) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(count) % 11
    noise = np.random.default_rng(2).normal(0, 0.1, (count, 4))
    return noise + labels[:, None] * [1, 2, -1, 0], labels


def draw_all() -> dict[str, Callable[[], bytes]]:
    known, unknown = scores()
    epochs = [1, 2, 3]
    return {
        "oscr": lambda: plot_oscr(oscr_curves(3)),
        "roc": lambda: plot_roc(roc_curves(3)),
        "scores": lambda: plot_scores(known, {"letters": unknown, "noise": unknown + 3}, 1.5),
        "confusion": lambda: plot_confusion(np.eye(11) * 90 + 1),
        "shares": lambda: plot_confusion(np.eye(11) * 90 + 1, shares=True),
        "known or unknown": lambda: plot_confusion([[97, 3], [1, 99]]),
        "reconstructions": lambda: plot_reconstructions({"digits": reconstructed(5)}),
        "embeddings": lambda: plot_embeddings(*embedded()),
        "training": lambda: plot_training(
            epochs, {"known": [0.5, math.nan, 0.9], "unknown": [0, 0.2, 1]}, {"loss": [3, 2, 1]}
        ),
        "published": lambda: plot_published(results(), "macro-F1"),
    }
