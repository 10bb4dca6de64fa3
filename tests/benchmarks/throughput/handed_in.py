"""The class of the benchmark: right and wrong work, each with weights that fit it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.intake.names import MODULES, WEIGHTS
from tests.classroom.handing_in import ROOT
from tests.submissions.patches import Patch, read_patches, write_submission

from .heat import SAME_FOR_ALL

NETWORKS = {"autoencoder.py", "classifier.py"}
EPOCHS = 2  # of networks that are not the reference's: their own weights, for little time
TRAINING_S = 300.0


@dataclass(frozen=True)
class Submission:
    """A folder that was handed in: `folder.name` is the student."""

    folder: Path
    patch: Patch

    @property
    def student(self) -> str:
        """The student's id."""
        return self.folder.name


def is_fit_for_all(patch: Patch) -> bool:
    """Whether every grader can take it: five modules that end by themselves.

    Helper modules have no place in a notebook's one namespace, a demo under `__main__` would run
    there, and a loop that our limits end would have the others wait for it.
    """
    texts = [*patch.files.values(), *(part.new for part in patch.replacements)]
    return (
        patch.touched <= {f"{name}.py" for name in MODULES}
        and not any("__main__" in text for text in texts)
        and "timeout" not in patch.fails.values()
    )


def draw_class(count: int, seed: int) -> list[Patch]:
    """Half of it right, half of it wrong in something, each as seldom twice as can be."""
    rng = random.Random(seed)
    drawn: list[Patch] = []
    for kind, share in (("correct", count - count // 2), ("wrong", count // 2)):
        fit = [patch for patch in read_patches(kind) if is_fit_for_all(patch)]
        piles = [rng.sample(fit, len(fit)) for _ in range(share // len(fit) + 1)]
        drawn += [patch for pile in piles for patch in pile][:share]
    rng.shuffle(drawn)
    return drawn


def hand_in(patches: Sequence[Patch], folder: Path, weights: Path, jobs: int) -> list[Submission]:
    """Write a folder for each, named s001 on, no two alike.

    Args:
        patches: One a student.
        folder: Is made.
        weights: The reference's, for all who have its networks.
        jobs: Trainings at a time; networks of a student's own are trained, for `EPOCHS`.
    """
    own = {patch.name: patch for patch in patches if patch.touched & NETWORKS}
    workshop = folder.with_name(f"{folder.name}-training")
    with ThreadPoolExecutor(jobs) as pool:
        trained = dict(
            zip(own, pool.map(lambda patch: _train(patch, workshop), own.values()), strict=True)
        )
    submissions = []
    for number, patch in enumerate(patches, 1):
        place = write_submission(patch, folder / f"s{number:03}")
        with (place / "evaluation.py").open("a", encoding="utf-8") as file:
            file.write(f"\n# Handed in by {place.name}.\n")  # else a batch grades a twin once
        shutil.copy(trained.get(patch.name) or weights, place / WEIGHTS)
        submissions.append(Submission(place, patch))
    shutil.rmtree(workshop, ignore_errors=True)
    return submissions


def _train(patch: Patch, workshop: Path) -> Path | None:
    """Weights that fit the patch's networks, None where they cannot be trained."""
    folder = workshop / patch.name
    package = folder / "assignment"
    shutil.copytree(ROOT / "assignment", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / WEIGHTS).unlink(missing_ok=True)
    modules = write_submission(patch, folder / "modules")
    for name in MODULES:
        shutil.copy(modules / f"{name}.py", package)
    command = ["-m", "assignment.train", "--data", "digits", "--epochs", str(EPOCHS)]
    subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, **SAME_FOR_ALL},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=TRAINING_S,
        check=False,
    )
    written = package / WEIGHTS
    return written if written.is_file() else None
