"""Training: two systems' recipes as written, projected, beside ours to the same accuracies."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from datasets.mnist import load_mnist_training, missing_mnist_files
from datasets.root import data_root
from solutions.zoo.known import Known
from solutions.zoo.systems import a, b_trainings
from solutions.zoo.tables.published import published
from solutions.zoo.training import GradientTraining

from .staged import ask, stage
from .timing import in_turn, rounded, spread

# What the recipe for MNIST is changed by. "quick" is for system b's published pair of accuracies,
# "full" (the recipe itself) for our own; both were chosen on held-out digits.
RECIPES: dict[str, dict[str, Any]] = {
    "quick": {
        "epochs": 1, "batch_size": 125, "autoencoder_rate": 5e-3, "z": 3.0, "classifier_every": 3,
        "autoencoder_jitter": {},  # its digits stay where they are
    },
    "full": {},
}  # fmt: skip
# Whose recipe: the networks that it trains one after the other, and its row in `published.toml`.
SYSTEMS = {
    "b": (b_trainings.FINAL.parts, "system b, final model"),
    "a": ((a.MULTITASK,), "system a, multi-task autoencoder"),
}


def measure(quick: bool) -> dict[str, Any]:
    """Seconds of all, in turn; without MNIST only why it was skipped."""
    if missing := missing_mnist_files(data_root()):
        return {"skipped": f"no MNIST: {missing[0].name} is not under the data root"}
    digits, _ = load_mnist_training(data_root())
    rounds, steps = (1, 1) if quick else (5, 10)
    images = 1000 if quick else 0
    answers: dict[str, list[dict[str, Any]]] = {name: [] for name in RECIPES}

    with tempfile.TemporaryDirectory() as folder:
        staged = stage(Path(folder))

        def ours(name: str) -> float:
            seed = len(answers[name])  # another one each round
            question = {"recipe": RECIPES[name], "seed": seed, "images": images, "profile": False}
            answers[name].append(ask(staged, "ours_once", question))
            return float(answers[name][-1]["seconds"])

        cases = {name: lambda name=name: ours(name) for name in RECIPES}
        for system, (parts, _) in SYSTEMS.items():
            known = _first(digits, max(_recipe(part).batch_size for part in parts) * steps)
            cases[system] = lambda parts=parts, known=known: sum(
                projected(seconds_a_step(part, known, steps), len(digits), part) for part in parts
            )
        taken = in_turn(cases, rounds)
        question = {"recipe": RECIPES["full"], "seed": 0, "images": images, "profile": True}
        profile = ask(staged, "ours_once", question)["profile"]
    return {
        "threads": torch.get_num_threads(),
        "rounds": rounds,
        "ours": {
            name: {"seconds": spread(taken[name]), **_about(answers[name])} for name in RECIPES
        },
        "systems": {
            system: {
                "seconds": spread(taken[system]),
                "projected_from": f"{steps} steps of each network, the first {steps} untimed",
                "projected_to": " + ".join(_to(part, len(digits)) for part in parts),
                "published": _published(row),
                "times_as_slow": {
                    name: rounded(spread(taken[system])["median"] / spread(taken[name])["median"])
                    for name in RECIPES
                },
            }
            for system, (parts, row) in SYSTEMS.items()
        },
        "profile": profile,
    }


def seconds_a_step(part: GradientTraining, known: Known, steps: int) -> float:
    """Seconds of a step of a network's recipe as written: mean of a short epoch, after another.

    Args:
        part: The network's training.
        known: At least `steps` batches of images.
        steps: In each of the two short epochs.
    """
    recipe = _recipe(part)
    short = replace(recipe, epochs=2, most_images=recipe.batch_size * steps)
    ended: list[float] = []
    replace(part, recipes={"seed": short}).fit(
        known, 0, "seed", lambda *_: ended.append(time.perf_counter())
    )
    return (ended[1] - ended[0]) / steps


def projected(step_s: float, images: int, part: GradientTraining) -> float:
    """Seconds of all epochs of a network's recipe as written, on so many images."""
    recipe = _recipe(part)
    return step_s * (images // recipe.batch_size) * recipe.epochs


def reached(found: dict[str, float], wanted: dict[str, float]) -> bool:
    """Whether both accuracies, as shares, are at least what is wanted."""
    return all(found[side] >= wanted[side] for side in ("known", "unknown"))


def _recipe(part: GradientTraining) -> Any:
    return part.recipes["seed"]


def _to(part: GradientTraining, images: int) -> str:
    recipe = _recipe(part)
    return f"{part.name}: {recipe.epochs} epochs of {images // recipe.batch_size} steps"


def _first(digits: Any, count: int) -> Known:
    pixels = torch.from_numpy(digits.images[:count].copy())[:, None].float() / 127.5 - 1
    return Known(pixels, torch.from_numpy(digits.labels[:count].copy()))


def _about(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean accuracies over the seeds, and what is the same for all."""
    means = {
        side: rounded(statistics.fmean(answer[side] for answer in answers))
        for side in ("known", "unknown")
    }
    same = {key: value for key, value in answers[-1].items() if key not in ("seconds", *means)}
    return {"seeds": len(answers), **means, **same}


def _published(name: str) -> dict[str, float]:
    (row,) = (row for row in published("accuracy") if row["name"] == name)
    return {side: round(row[side] / 100, 6) for side in ("known", "unknown")}
