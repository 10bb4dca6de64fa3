"""The assignment as a student has it when all is solved, in a folder of its own, and its python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from solutions.stubs import MODULES, REFERENCE
from tests.classroom.handing_in import ROOT


def stage(folder: Path) -> Path:
    """Write the package `assignment` with the reference's modules under `folder`.

    Returns:
        The folder.
    """
    package = folder / "assignment"
    shutil.copytree(ROOT / "assignment", package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in MODULES:
        shutil.copy(REFERENCE / f"{name}.py", package)
    return folder


def variables(settings: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of a process in the folder: its `assignment` first, then this checkout.

    As in a grading, pytest loads no plugin that happens to be installed, and gets no options.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    ours = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return {**inherited, **ours, **(settings or {})}


def command(module: str, *arguments: str) -> list[str]:
    """A module of this package as a program; Python puts its current folder on its path."""
    return [sys.executable, "-m", f"{__package__}.{module}", *arguments]


def ask(folder: Path, module: str, question: dict[str, Any]) -> dict[str, Any]:
    """Run a module of this package on the staged assignment, to its end.

    Args:
        folder: From `stage`.
        module: Reads the question, JSON, as its one argument, and prints its answer as JSON last.
        question: What to do.

    Raises:
        GraderError: It failed.
    """
    done = subprocess.run(
        command(module, json.dumps(question)),
        cwd=folder,
        env=variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise GraderError(f"{module}: {done.stderr.strip()[-800:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))
