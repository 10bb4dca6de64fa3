"""The instructor's workflow: students are graded on a bundle that they cannot read."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from grader.sandbox import choose_sandbox
from solutions.release.verify import borrow_packages
from tests.grader.tiny import TINY, ZEROS, write_tiny_bundle
from tests.workflows.runner import Ran, fake_commands, load, run_job

ROOT = Path(__file__).parents[2]
JOB = load(ROOT / ".github/workflows/classroom.yml")["jobs"]["grade"]
COPIED = ("assignment", "datasets", "grader", "solutions/results", "solutions/reference")
pytestmark = pytest.mark.slow  # each grades from end to end
needs_bwrap = pytest.mark.skipif(
    choose_sandbox("auto")[0].level != "bwrap", reason="needs bubblewrap"
)


@pytest.fixture
def workspace(tmp_path: Path, released: Path) -> Path:
    """The instructor's checkout, a student's beside it as the checkout step leaves it."""
    workspace = tmp_path / "workspace"
    for part in COPIED:
        shutil.copytree(ROOT / part, workspace / part)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, workspace)
    borrow_packages(workspace / ".venv")
    shutil.copytree(released, workspace / "handed-in/class/ada", symlinks=True)
    return workspace


@pytest.fixture
def run(tmp_path: Path, workspace: Path, machine: dict[str, str]):
    bundle = write_tiny_bundle(tmp_path / "private.npz")
    fake = (
        'test "$GH_TOKEN" = a-token && test "$1 $2 $3" = "release download hidden" || exit 9\n'
        f'cp {bundle} "${{@: -1}}/hidden.npz"'
    )

    def run() -> Ran:
        scratch = tmp_path / "runner"
        scratch.mkdir()
        path = fake_commands(tmp_path / "gh", {"gh": fake}) + os.pathsep + machine["PATH"]
        machine["PATH"] = path.replace(os.environ["PATH"] + os.pathsep, "", 1)
        contexts = {
            "matrix": {"repository": "class/ada"},
            "inputs": {"ref": "", "repositories": '["class/ada"]'},
            "secrets": {"STUDENTS_TOKEN": "a-students-token"},
        }
        return run_job(JOB, workspace, scratch, machine, contexts)

    return run


@needs_bwrap
def test_a_students_repository_is_graded_on_hidden_data(run, workspace: Path, tmp_path) -> None:
    package = workspace / "handed-in/class/ada/assignment"
    for name, text in TINY.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "solutions/reference/threshold.py", package)
    (package / "weights.safetensors").write_bytes(ZEROS)
    ran = run()
    assert ran.succeeded, ran.log
    record = json.loads((workspace / "record.json").read_text("utf-8"))
    assert (record["tier"], record["sandbox"]) == ("hidden", "bwrap")
    assert record["submission"]["name"] == "ada"
    assert record["metrics"] is not None
    assert ran.uploads == {"record-class-ada": ["record.json"]}
    assert not (tmp_path / "runner/temp/bundle").exists()


@needs_bwrap
def test_a_link_to_the_reference_earns_nothing(run, workspace: Path) -> None:
    handed_in = workspace / "handed-in/class/ada"
    shutil.rmtree(handed_in / "assignment")
    (handed_in / "assignment").symlink_to("../../../solutions/reference")
    ran = run()
    assert not ran.succeeded
    assert "assignment: a link, which is not followed" in ran.log
    assert not (workspace / "record.json").exists()


@needs_bwrap
def test_no_token_is_printed(run) -> None:
    assert "a-token" not in (log := run().log)
    assert "a-students-token" not in log
