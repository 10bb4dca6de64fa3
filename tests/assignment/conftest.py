"""The assignment with its tasks done: the given files beside the reference's five modules.

The folder in the repository holds the stubs, so the tests put together what a student who is done
would have, in a folder of their own.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FINISHED = "finished_assignment"  # not "assignment": that name is the stubs'
Digits = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def stage(folder: Path) -> Path:
    """Lay out a finished assignment as a package `folder`."""
    folder.mkdir()
    for source in (ROOT / "assignment", ROOT / "solutions" / "reference"):
        for file in source.glob("*.py"):
            if file.name != "__init__.py" or source.name == "assignment":
                shutil.copy(file, folder)
    return folder


@pytest.fixture(scope="session")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModuleType]:
    """Give a module of a finished assignment by its name."""
    folder = stage(tmp_path_factory.mktemp("staged") / FINISHED)
    spec = importlib.util.spec_from_file_location(
        FINISHED, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[FINISHED] = package
    spec.loader.exec_module(package)
    return lambda name: importlib.import_module(f"{FINISHED}.{name}")


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """A finished assignment on disk, to be changed and run as `assignment`."""
    return stage(tmp_path / "assignment")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `python -m assignment.train` where `staged` lies, or elsewhere."""

    def command(*options: str, folder: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),  # for `datasets`; the current folder comes before it
            "OSR_DATA": str(tmp_path / "no data"),
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
        }
        return subprocess.run(
            [sys.executable, "-m", "assignment.train", *options],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return command


@pytest.fixture(scope="session")
def fit(assignment: Callable[[str], ModuleType]) -> ModuleType:
    """The training loop."""
    return assignment("fit")


@pytest.fixture(scope="session")
def tiny() -> Digits:
    """Ten classes of bright squares, each in a place of its own: 60 to train on, 30 held out."""
    random = np.random.default_rng(0)
    labels = np.tile(np.arange(10), 9)
    images = random.integers(0, 30, (90, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 5)
        image[4 + 10 * row : 12 + 10 * row, 1 + 5 * column : 6 + 5 * column] = 255
    return images[:60], labels[:60], images[60:], labels[60:]
