"""A released repository, and environments with the packages that are installed here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from solutions.release.build import build
from solutions.release.place import write_folder
from solutions.release.tracked import tracked_files
from solutions.release.verify import borrow_packages, clean_environment
from tests.workflows.runner import fake_commands

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student repository, its `.venv` ready."""
    folder = tmp_path_factory.mktemp("released") / "repository"
    write_folder(build(ROOT, tracked_files(ROOT)), folder)
    borrow_packages(folder / ".venv")
    return folder


@pytest.fixture
def repository(released: Path, tmp_path: Path) -> Path:
    """One of its own for each test."""
    return Path(shutil.copytree(released, tmp_path / "repository", symlinks=True))


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """GitHub's machine: what it lets us do as root is done here by nobody."""
    path = fake_commands(tmp_path / "bin", {"sudo": 'echo "sudo: $*"'})
    return {**clean_environment(), "PATH": path, "HOME": os.environ.get("HOME", str(tmp_path))}
