"""The reference, trained once on real digits: a process of its own, in a staged assignment."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assignment.augment import Jitter
from assignment.fit import History, to_images, train_model
from assignment.model import UNKNOWN, OpenSetModel
from assignment.recipe import Recipe, recipe_for
from datasets.mnist import load_mnist_test, load_mnist_training
from datasets.root import data_root
from datasets.sources import load_public_unknowns

FAMILIES = ("fashion_mnist", "cifar10")
EACH = 1000  # images of each family, as in system b's report
CHUNK = 1000


def main(question: dict[str, Any]) -> dict[str, Any]:
    """Train by a recipe, and measure.

    Args:
        question: `recipe`, what the recipe for MNIST is changed by; `seed`; `images`, train on so
            many at most, 0 = all; `profile`, whether to say where the time goes instead.

    Returns:
        Seconds, accuracies as shares, and the profile's lines.
    """
    train, heldout = load_mnist_training(data_root())
    count = question["images"] or len(train)
    data = (train.images[:count], train.labels[:count], heldout.images, heldout.labels)
    recipe = changed(recipe_for("mnist"), question["recipe"])
    if question["profile"]:
        return {"profile": profile(recipe, data)}
    model, history = train_model(
        "mnist", *data, seed=question["seed"], recipe=recipe, mixed_precision=True
    )
    return {"seconds": history.seconds, **accuracies(model)} | {
        "threads": torch.get_num_threads(),
        "precision": history.precision,
        "steps": steps(history, count),
        "recipe": asdict(history.recipe),
    }


def changed(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """A recipe with other numbers; those of a jitter are a dict."""
    jitters = {name: Jitter(**given) for name, given in changes.items() if name.endswith("jitter")}
    return replace(recipe, **changes | jitters)


def steps(history: History, images: int) -> int:
    """How many steps that was."""
    return history.recipe.epochs * (images // min(history.recipe.batch_size, images))


def accuracies(model: OpenSetModel) -> dict[str, float]:
    """Shares on the 10,000 test digits, and on 1,000 images of each of the two families."""
    test = load_mnist_test(data_root())
    by_family = {
        unknown.family: unknown.images[:EACH] for unknown in load_public_unknowns(data_root())
    }
    missing = [family for family in FAMILIES if family not in by_family]
    if missing:
        raise SystemExit(f"no {missing[0]} under the data root: python -m datasets fetch")
    known = float((predicted(model, test.images) == test.labels).mean())
    rejected = [float((predicted(model, by_family[f]) == UNKNOWN).mean()) for f in FAMILIES]
    return {"known": known, "unknown": sum(rejected) / len(rejected)}


def predicted(model: OpenSetModel, images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Labels 0 to 10."""
    with torch.no_grad():
        chunks = [
            model.predict(to_images(images[i : i + CHUNK])) for i in range(0, len(images), CHUNK)
        ]
    return torch.cat(chunks).numpy()


def profile(recipe: Recipe, data: tuple[NDArray[Any], ...]) -> list[str]:
    """Where the time of an epoch goes: the operations that take most of it themselves."""
    short = [part[:5000] for part in data]
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as found:
        train_model("mnist", *short, recipe=replace(recipe, epochs=1))
    events = sorted(found.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    return [
        f"{event.key.removeprefix('aten::')} {100 * event.self_cpu_time_total / total:.0f} %"
        for event in events[:8]
    ]


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
