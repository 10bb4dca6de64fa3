"""Every picture of one fitted method, as PNGs by their file names."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solutions.zoo.method import UNKNOWN, Method, decide
from solutions.zoo.outputs import Outputs
from solutions.zoo.plots.embeddings import plot_embeddings
from solutions.zoo.plots.open_set import open_set_pictures
from solutions.zoo.plots.reconstructions import MOST, Reconstructed, plot_reconstructions
from solutions.zoo.plots.training import plot_training
from solutions.zoo.tables.measuring import Tested
from solutions.zoo.tables.problems import Problem

POINTS = 1000  # of the t-SNE: more take minutes


@dataclass
class Taught:
    """What happened over a training: a series for each network that was trained.

    Attributes:
        losses: Mean loss of each epoch, by the network's name.
        accuracies: Closed-set accuracy on held-out images; only of networks that classify.
    """

    losses: dict[str, list[float]] = field(default_factory=dict)
    accuracies: dict[str, list[float]] = field(default_factory=dict)

    def add(self, epoch: int, loss: float, accuracy: float | None) -> None:
        """Note an epoch; the first one begins another network."""
        if epoch == 1:
            self.losses[f"network {len(self.losses) + 1}"] = []
        name = list(self.losses)[-1]
        self.losses[name].append(loss)
        if accuracy is not None:
            self.accuracies.setdefault(name, []).append(accuracy)

    def drawn(self, title: str) -> bytes:
        """The picture of it; networks that were trained for fewer epochs end earlier."""
        most = max(map(len, self.losses.values()))

        def filled(series: dict[str, list[float]]) -> dict[str, list[float]]:
            return {name: [*s, *[math.nan] * (most - len(s))] for name, s in series.items()}

        epochs = range(1, most + 1)
        return plot_training(epochs, filled(self.accuracies), filled(self.losses), title)


def pictures(method: Method, problem: Problem, tested: Tested, taught: Taught) -> dict[str, bytes]:
    """Draw everything that there is something to draw of.

    Args:
        method: Fitted.
        problem: Whose test images.
        tested: What the network says of them.
        taught: Of the training; empty where it has no epochs.

    Returns:
        PNGs by file name.
    """
    title = f"{method.spec.title} on {problem.name}"
    drawn = _curves_and_tables(method, problem, tested, title)
    if taught.losses:
        drawn["training.png"] = taught.drawn(title)
    if "embedding" in tested.known:
        drawn["embeddings.png"] = _embeddings(problem, tested, title)
    if "reconstruction" in tested.known:
        families = {"known": (tested.known, problem.labels[:MOST])}
        families |= {n: (out, np.full(MOST, UNKNOWN)) for n, out in tested.unknowns.items()}
        drawn["reconstructions.png"] = plot_reconstructions(
            {n: _reconstructed(method, out, labels) for n, (out, labels) in families.items()}, title
        )
    return drawn


def _predictions(method: Method, outputs: Outputs) -> NDArray[np.int64]:
    return decide(outputs["logits"], method.score(outputs), method.threshold).numpy()


def _curves_and_tables(
    method: Method, problem: Problem, tested: Tested, title: str
) -> dict[str, bytes]:
    everything = {"known": tested.known, **tested.unknowns}
    closed_set = [outputs["logits"].argmax(dim=1).numpy() for outputs in everything.values()]
    unknown = np.full(sum(map(len, closed_set[1:])), UNKNOWN)
    scores = [method.score(outputs).double().numpy() for outputs in everything.values()]
    return open_set_pictures(
        np.concatenate([problem.labels, unknown]),
        np.concatenate(closed_set),
        np.concatenate(scores),
        method.threshold,
        np.repeat(list(everything), [len(part) for part in scores]),
        [str(index) for index in range(problem.known.num_classes)],
        title,
    )


def _embeddings(problem: Problem, tested: Tested, title: str) -> bytes:
    """Half of the points known, the other half of all unknown families alike."""
    share = POINTS // (2 * len(tested.unknowns))
    parts = [tested.known["embedding"][: POINTS // 2]]
    parts += [outputs["embedding"][:share] for outputs in tested.unknowns.values()]
    points = np.concatenate([part.numpy() for part in parts])
    labels = np.concatenate(
        [problem.labels[: len(parts[0])], np.full(len(points) - len(parts[0]), UNKNOWN)]
    )
    return plot_embeddings(points, labels, most=POINTS, title=title)


def _reconstructed(method: Method, outputs: Outputs, labels: NDArray[np.int64]) -> Reconstructed:
    few = {name: value[:MOST] for name, value in outputs.items()}
    return Reconstructed(
        few["images"].numpy(),
        few["reconstruction"].numpy(),
        _predictions(method, few),
        labels[: len(few["images"])],
    )
