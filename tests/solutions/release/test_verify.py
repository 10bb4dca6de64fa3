"""A release is tried out as a student would, away from this checkout."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from solutions.errors import UserError
from solutions.release.build import build
from solutions.release.order import Verify
from solutions.release.tracked import tracked_files
from solutions.release.verify import borrow_packages, clean_environment, verify

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return build(ROOT, tracked_files(ROOT))


def test_borrowed_packages_do_not_lead_back_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by an editable install nor by a path in the environment."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    python = borrow_packages(tmp_path / "venv") / "bin" / "python"
    script = (
        "import numpy, pytest, typer\n"
        "from importlib.util import find_spec\n"
        "print([n for n in ('solutions', 'grader', 'tests', 'datasets') if find_spec(n)])"
    )
    done = subprocess.run(
        [python, "-c", script], cwd=tmp_path, env=clean_environment(), capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_environment_of_the_trial_has_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OSR_DATA", "PYTHONPATH", "PYTEST_ADDOPTS", "MAKEFLAGS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, "x")
    kept = clean_environment()
    assert not {"OSR_DATA", "PYTHONPATH", "PYTEST_ADDOPTS", "MAKEFLAGS"} & kept.keys()
    assert kept["PATH"] == os.environ["PATH"]


def test_readme_with_other_commands_is_told(files: dict[str, bytes]) -> None:
    with pytest.raises(UserError, match="must hold two commands, not 1"):
        verify(files | {"README.md": b"```sh\nmake grade\n```\n"}, Verify.quick)


def test_command_that_is_not_there_is_told(files: dict[str, bytes]) -> None:
    page = b"```sh\nno-such-make grade  # x\nmake train\n```\n"
    with pytest.raises(UserError, match="no-such-make grade: cannot be started"):
        verify(files | {"README.md": page}, Verify.quick)


def test_command_without_end_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    monkeypatch.setattr("solutions.release.verify.QUICK_S", 0.5)
    script = tmp_path / "forever"
    script.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > {tmp_path}/child\nwait\n", "utf-8")
    script.chmod(0o755)
    page = f"```sh\n{script}\nmake train\n```\n".encode()
    with pytest.raises(UserError, match=r"not done after 0\.5 s"):
        verify(files | {"README.md": page}, Verify.quick)
    child = int((tmp_path / "child").read_text("utf-8"))
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(child).wait(10)
    assert not psutil.pid_exists(child)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
class TestCommands:
    """Each runs the grader on the stubs."""

    def test_stubs_earn_nothing(self, files: dict[str, bytes]) -> None:
        verify(files, Verify.quick)

    def test_stub_that_is_solved_is_found(self, files: dict[str, bytes]) -> None:
        solved = (ROOT / "solutions/reference/threshold.py").read_bytes()
        with pytest.raises(UserError, match=r"the release does not work.* make grade should give"):
            verify(files | {"assignment/threshold.py": solved}, Verify.quick)

    def test_module_that_is_missing_is_found(self, files: dict[str, bytes]) -> None:
        rest = {path: text for path, text in files.items() if path != "grader/oracles.py"}
        with pytest.raises(UserError, match="the release does not work"):
            verify(rest, Verify.quick)

    def test_command_line(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "solutions", "release", "-o", str(tmp_path / "out")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "0 of 100 points" in done.stderr
        python = borrow_packages(tmp_path / "venv") / "bin" / "python"
        tests = subprocess.run(
            [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path / "out",
            env=clean_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert tests.returncode == 0, tests.stdout
        assert "6 passed" in tests.stdout
