"""The folder of what a class handed in."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from solutions.stubs import REFERENCE
from tests.classroom.roll import Student
from tests.submissions.attacks import HOSTILE, read_attack, write_attack
from tests.submissions.patches import HERE, read_patch, write_submission

ROOT = Path(__file__).parents[2]
WEIGHTS = "weights.safetensors"


def train(folder: Path, epochs: int = 0) -> Path:
    """The reference's weights for the digits, trained in `folder` by the students' own command.

    Args:
        folder: Is made; a package `assignment` is staged in it.
        epochs: In place of the recipe's; 0 takes its own.
    """
    package = folder / "assignment"
    shutil.copytree(ROOT / "assignment", package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in REFERENCE.glob("*.py"):
        if file.name != "__init__.py":
            shutil.copy(file, package)
    shutil.copytree(ROOT / "datasets", folder / "datasets")
    options = ["--epochs", str(epochs)] if epochs else []
    subprocess.run(
        [sys.executable, "-m", "assignment.train", "--data", "digits", *options],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return package / WEIGHTS


def hand_in(students: Sequence[Student], folder: Path, weights: Path | None = None) -> Path:
    """Write a folder with a folder or an archive for each student.

    Args:
        students: Who.
        folder: Is made.
        weights: A copy goes into each submission's folder.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True)
    for number, student in enumerate(students):
        place = folder / student.id
        if student.kind == "unusable":
            _spoil(student.work, place)
            continue
        if student.kind == "hostile":
            _attack(student, place)
            continue
        write_submission(read_patch(HERE / student.kind / f"{student.work}.toml"), place)
        if weights is not None:
            shutil.copy(weights, place / WEIGHTS)
        if number % 3 == 2:  # some hand in an archive
            shutil.make_archive(str(place), "zip", place)
            shutil.rmtree(place)
    return folder


def _attack(student: Student, place: Path) -> None:
    attack = read_attack(HOSTILE / f"{student.work}.toml")
    written = write_attack(attack, place)
    if written != place:  # it is packed, under a name of its own
        suffix = ".tar.gz" if written.name.endswith(".tar.gz") else written.suffix
        written.rename(place.with_name(f"{place.name}{suffix}"))
        shutil.rmtree(place, ignore_errors=True)


def _spoil(how: str, place: Path) -> None:
    if how == "empty folder":
        place.mkdir()
    else:
        place.with_suffix(".zip").write_bytes(b"PK\x03\x04 and no more")
