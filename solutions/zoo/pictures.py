"""Every picture of one fitted method, as PNGs by their file names."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solutions.zoo.method import UNKNOWN, Method, decide
from solutions.zoo.metrics.confusion import confusion, known_unknown_confusion
from solutions.zoo.metrics.oscr import oscr_curve
from solutions.zoo.metrics.roc import roc_curve
from solutions.zoo.outputs import Outputs
from solutions.zoo.plots.confusion import plot_confusion
from solutions.zoo.plots.embeddings import plot_embeddings
from solutions.zoo.plots.oscr import plot_oscr
from solutions.zoo.plots.reconstructions import MOST, Reconstructed, plot_reconstructions
from solutions.zoo.plots.roc import plot_roc
from solutions.zoo.plots.scores import plot_scores
from solutions.zoo.plots.training import plot_training
from solutions.zoo.tables.measuring import Tested
from solutions.zoo.tables.problems import Problem

POINTS = 1000  # of the t-SNE: more take minutes


@dataclass
class Taught:
    """What happened over a training, an epoch each.

    Attributes:
        losses: Mean loss.
        accuracies: Closed-set accuracy on held-out images, NaN where there are no logits.
    """

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)

    def add(self, loss: float, accuracy: float) -> None:
        """Note an epoch."""
        self.losses.append(loss)
        self.accuracies.append(accuracy)


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
    known = _scores(method, tested.known)
    unknown = {name: _scores(method, outputs) for name, outputs in tested.unknowns.items()}
    right = tested.known["logits"].argmax(dim=1).numpy() == problem.labels
    counts = _confusion(method, problem, tested)
    drawn = {
        "roc.png": plot_roc({n: roc_curve(known, s) for n, s in unknown.items()}, title),
        "oscr.png": plot_oscr({n: oscr_curve(right, known, s) for n, s in unknown.items()}, title),
        "scores.png": plot_scores(known, unknown, method.threshold, title),
        "confusion.png": plot_confusion(counts, title=title),
        "known_unknown.png": plot_confusion(
            known_unknown_confusion(counts), ("known", "unknown"), title=title
        ),
    }
    if taught.losses:
        epochs = range(1, len(taught.losses) + 1)
        drawn["training.png"] = plot_training(
            epochs, {"closed set, held out": taught.accuracies}, {"loss": taught.losses}, title
        )
    if "embedding" in tested.known:
        drawn["embeddings.png"] = _embeddings(problem, tested, title)
    if "reconstruction" in tested.known:
        families = {"known": (tested.known, problem.labels[:MOST])}
        families |= {n: (out, np.full(MOST, UNKNOWN)) for n, out in tested.unknowns.items()}
        drawn["reconstructions.png"] = plot_reconstructions(
            {n: _reconstructed(method, out, labels) for n, (out, labels) in families.items()}, title
        )
    return drawn


def _scores(method: Method, outputs: Outputs) -> NDArray[np.float64]:
    return method.score(outputs).double().numpy()


def _predictions(method: Method, outputs: Outputs) -> NDArray[np.int64]:
    return decide(outputs["logits"], method.score(outputs), method.threshold).numpy()


def _confusion(method: Method, problem: Problem, tested: Tested) -> NDArray[np.int64]:
    everything = [tested.known, *tested.unknowns.values()]
    predictions = np.concatenate([_predictions(method, outputs) for outputs in everything])
    unknown = np.full(len(predictions) - len(problem.labels), UNKNOWN)
    labels = np.concatenate([problem.labels, unknown])
    return confusion(labels, predictions, problem.known.num_classes)


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
