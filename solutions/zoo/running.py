"""One run of one method: train, measure, draw, into a folder of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor, nn

from solutions.zoo.known import Known, split
from solutions.zoo.method import Method, Spec, seen_by
from solutions.zoo.outputs import Outputs, outputs_of
from solutions.zoo.pictures import Taught, pictures
from solutions.zoo.run_folder import RunFolder
from solutions.zoo.tables.measuring import Tested, evaluate, tested_by
from solutions.zoo.tables.problems import Problem
from solutions.zoo.training import Budget

WATCHED = 1000  # held-out images whose accuracy is measured after each epoch


@dataclass
class Watch:
    """Measures closed-set accuracy after each epoch.

    Attributes:
        known: Held-out images. Nothing is chosen by them.
        say: Is told of each epoch in a line.
        taught: Epochs, losses and accuracies so far.
    """

    known: Known
    say: Callable[[str], object]
    taught: Taught = field(default_factory=Taught)

    def __call__(self, epoch: int, loss: float, network: nn.Module) -> None:
        """After an epoch."""
        logits = outputs_of(network, self.known.images).get("logits")
        line, right = f"epoch {epoch}: loss {loss:.4f}", None
        if logits is not None:
            right = float((logits.argmax(dim=1) == self.known.labels).double().mean())
            line += f", closed-set accuracy {right:.2%} on held-out images"
        self.taught.add(epoch, loss, right)
        self.say(line)


def run(
    spec: Spec,
    problem: Problem,
    seed: int,
    budget: Budget,
    folder: RunFolder,
    say: Callable[[str], object],
) -> dict[str, Any]:
    """Train a method on a problem, measure it, and fill the folder.

    Args:
        spec: The method.
        problem: What to learn and to be tested on.
        seed: Of the split, the weights and the order of images.
        budget: Of the training.
        folder: Empty, or of the same run, which is then repeated.
        say: Is told how things stand.

    Returns:
        What `metrics.json` holds.

    Raises:
        UserError: The method cannot be fitted, or the folder is of another run.
        DataError: A file cannot be written.
    """
    named = {"method": spec.name, "problem": problem.name, "seed": seed, "budget": budget}
    folder.claim(named, [])
    train, heldout = split(problem.known, seed)
    watch = Watch(Known(heldout.images[:WATCHED], heldout.labels[:WATCHED]), say)
    started = time.process_time()
    network = spec.training.fit(train, seed, budget, watch)
    cpu_s = time.process_time() - started
    say(f"trained in {cpu_s:.1f} CPU s")
    folder.save(network, cpu_s)
    seen = seen_by(network, [spec], train, heldout)
    method = Method(spec, seed, budget).fit_score(network, *seen)
    tested = tested_by(network, problem)
    metrics = {**named, "train_cpu_s": cpu_s, **evaluate(method, problem, seen[1].outputs, tested)}
    folder.write_scores(_arrays(method, problem, tested))
    for name, png in pictures(method, problem, tested, watch.taught).items():
        folder.write_plot(name, png)
    folder.write_metrics(metrics)  # last: where it is, all others are
    return metrics


def _arrays(method: Method, problem: Problem, tested: Tested) -> dict[str, np.ndarray]:
    def said(outputs: Outputs) -> Tensor:
        return method.score(outputs).double()

    return {
        "known_labels": problem.labels,
        "known_predicted": tested.known["logits"].argmax(dim=1).numpy(),
        "known_scores": said(tested.known).numpy(),
        "threshold": np.array(method.threshold),
        **{f"unknown_{name}": said(out).numpy() for name, out in tested.unknowns.items()},
    }
