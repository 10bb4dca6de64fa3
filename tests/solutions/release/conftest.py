"""A checkout of its own for each test: what students receive from, and a git index."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from solutions.release.order import Order, Verify
from solutions.release.release import release
from solutions.release.tracked import tracked_files

ROOT = Path(__file__).parents[3]
PARTS = ("assignment/", "datasets/", "grader/", "solutions/reference/", "solutions/results/ref")
FILES = ("LICENSE", "constraints.txt", "pyproject.toml", "README.md", "tests/conftest.py")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "checkout"
    for path in tracked_files(ROOT):
        if (path.startswith(PARTS) or path in FILES) and (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    return folder


@pytest.fixture
def checkout(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "checkout"))


Release = Callable[..., list[str]]


@pytest.fixture
def make(checkout: Path) -> Release:
    """Release without trying it out; gives the notes."""

    def make(folder: Path | None = None, archive: Path | None = None, *secrets: Path) -> list[str]:
        notes: list[str] = []
        release(Order(folder, archive, secrets, Verify.none), notes.append, checkout)
        return notes

    return make


def tree(folder: Path) -> dict[str, bytes]:
    """Every file, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
