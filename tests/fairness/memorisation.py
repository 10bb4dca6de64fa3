"""How much better honest models are on public test digits than on a hidden bundle's moved ones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from datasets.bundle import write_bundle
from datasets.hidden import make_hidden
from datasets.root import data_root
from grader.grading import grade
from grader.plan import Plan
from tests.fairness.jobs import REFERENCE_NAME
from tests.submissions.patches import REFERENCE, Patch, read_patches, write_submission

SCHEMA = "osr-memorisation/1"
NETWORKS = {"autoencoder.py", "classifier.py"}


@dataclass(frozen=True)
class Training:
    """A right submission to train and to compare on both kinds of digits.

    Attributes:
        patch: the submission; None is the reference as it is.
        data: the profile.
        seed: of the training.
        bundle: the hidden bundle's file.
    """

    patch: Patch | None
    data: str
    seed: int
    bundle: Path


def trainings(data: str, seeds: int, bundle: Path, others: bool) -> list[Training]:
    """The reference with each seed, and with `others` each correct submission of other networks."""
    patches = [p for p in read_patches("correct") if others and p.touched & NETWORKS]
    return [
        *(Training(None, data, seed, bundle) for seed in range(seeds)),
        *(Training(patch, data, 0, bundle) for patch in patches),
    ]


def compare(training: Training) -> dict[str, Any]:
    """Train in the box, and measure known accuracy on both kinds of digits."""
    with tempfile.TemporaryDirectory() as folder:
        path = REFERENCE
        if training.patch is not None:
            path = write_submission(training.patch, Path(folder, training.patch.name))
        record = grade(
            Plan(
                path, data=training.data, hidden=training.bundle, tasks=("accuracy",),
                train="always", seed=training.seed,
            )
        )  # fmt: skip
    found = record.memorisation
    name = training.patch.name if training.patch else REFERENCE_NAME
    if found is None:
        lost = [check.message for task in record.tasks for check in task.checks]
        return {"submission": name, "seed": training.seed, "gap": None, "why": lost[0]}
    return {
        "submission": name,
        "seed": training.seed,
        "public": round(found.public_known_accuracy, 4),
        "hidden": round(found.hidden_known_accuracy, 4),
        "gap": round(found.gap, 4),
    }


def build_bundle(data: str, path: Path, seed: int = 2026) -> Path:
    """A hidden bundle for the comparison; which one it is makes little difference."""
    known, unknowns = make_hidden(data, data_root(), seed)
    write_bundle(path, known, unknowns, profile=data, seed=seed)
    return path


def read_gaps(data: str) -> dict[str, Any]:
    """The committed figures of a profile."""
    found = json.loads(Path(__file__).with_name(f"memorisation_{data}.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def sentence(found: dict[str, Any]) -> str:
    """The figures as they stand in the rubric, in per cent."""
    mean, deviation, largest = (100 * found[k] for k in ("mean", "deviation", "largest"))
    return f"{found['models']} models: {mean:.2f} ± {deviation:.2f}, at most {largest:.2f}"


def summarise(results: Iterable[dict[str, Any]], data: str) -> dict[str, Any]:
    """All gaps of one profile, and their spread."""
    entries = sorted(results, key=lambda entry: (entry["submission"], entry["seed"]))
    gaps = [entry["gap"] for entry in entries if entry["gap"] is not None]
    return {
        "data": data,
        "models": len(gaps),
        "mean": round(fmean(gaps), 4),
        "deviation": round(stdev(gaps), 4),
        "largest": max(gaps),
        "entries": entries,
    }
