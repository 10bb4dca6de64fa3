"""The zip for Gradescope: what is in it, and that it grades when it is unpacked elsewhere."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.package.gradescope_zip import BUNDLE, PROJECT, package, requirements
from grader.package.run import main
from grader.submission import MODULES
from solutions.leaks import leaked_lines, secret_lines
from solutions.regions import find_regions
from tests.grader.emit.formats import read
from tests.grader.grade_command.endings import REFERENCE, ROOT
from tests.grader.tiny import write_tiny_bundle

POINTS = 100


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(package()))


class TestContents:
    def test_two_builds_are_one(self) -> None:
        assert package() == package()

    def test_names(self, archive: zipfile.ZipFile) -> None:
        names = archive.namelist()
        assert names == sorted(names)
        tops = {name.split("/")[0] for name in names}
        assert tops == {
            "setup.sh", "run_autograder", "constraints.txt", "requirements.txt", "options.json",
            "grader", "datasets", "assignment",
        }  # fmt: skip
        assert not any("__pycache__" in name or name.endswith((".npz", ".md")) for name in names)
        assert "grader/checks/pytest.ini" in names
        assert "grader/rubric.toml" in names
        assert "assignment/model.py" in names
        assert "assignment/threshold.py" not in names, "the student's own"

    def test_scripts_can_be_run(self, archive: zipfile.ZipFile, tmp_path: Path) -> None:
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 == 0o100755
            archive.extract(name, tmp_path)
            subprocess.run(["bash", "-n", tmp_path / name], check=True)
        assert archive.getinfo("options.json").external_attr >> 16 == 0o100644

    def test_no_line_of_a_solution(self, archive: zipfile.ZipFile) -> None:
        secrets: set[str] = set()
        for number, module in enumerate(MODULES, 1):
            source = (REFERENCE / f"{module}.py").read_text(encoding="utf-8")
            task = f"task {number}, {module}"
            secrets |= secret_lines(source, find_regions(source, module, task))
        assert len(secrets) > 40
        for name in archive.namelist():
            if not name.startswith("grader/"):  # the checks' oracles share lines with them
                text = archive.read(name).decode("utf-8")
                leaks = [line for _, line in leaked_lines(secrets, text) if len(line) > 20]
                assert not leaks, name
            assert "solutions/" not in name
            assert "tests/" not in name

    def test_bundle_and_options(self, tmp_path: Path) -> None:
        bundle = write_tiny_bundle(tmp_path / "h.npz")
        made = zipfile.ZipFile(io.BytesIO(package(bundle)))
        assert made.read(BUNDLE) == bundle.read_bytes()
        options = json.loads(made.read("options.json"))
        assert options == {
            "data": "digits", "train": "auto", "hidden": BUNDLE, "leaderboard": False,
        }  # fmt: skip

    def test_a_bundle_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "h.npz").write_bytes(b"PK")
        with pytest.raises(UsageError, match=r"h\.npz"):
            package(tmp_path / "h.npz")

    def test_leaderboard_of_hidden_data(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="hidden"):
            package(tmp_path / "h.npz", leaderboard=True)

    def test_requirements(self) -> None:
        lines = requirements(PROJECT / "pyproject.toml").splitlines()
        names = {line.split(">")[0] for line in lines}
        assert {"torch", "numpy", "pytest", "typer", "safetensors"} <= names
        assert "torchvision" not in names


class TestSetup:
    def test_runs_with_and_without_bubblewrap(
        self, archive: zipfile.ZipFile, tmp_path: Path
    ) -> None:
        """With stand-ins for what needs root and a network."""
        tools = tmp_path / "bin"
        tools.mkdir()
        log = tmp_path / "log"
        fake = f'#!/bin/sh\necho "$(basename "$0") $*" >> {log}\n'
        root = tmp_path / "autograder"
        archive.extractall(root / "source")
        for name, more in (
            ("apt-get", 'case "$*" in *bubblewrap*) exit 100;; esac\n'),
            ("python3", f"mkdir -p {root}/venv/bin; cp {tools}/apt-get {root}/venv/bin/python; "
                        f"cp {tools}/apt-get {root}/venv/bin/uv\n"),
        ):  # fmt: skip
            (tools / name).write_text(fake + more, encoding="utf-8")
            (tools / name).chmod(0o755)
        done = subprocess.run(
            ["bash", root / "source" / "setup.sh"], capture_output=True, text=True, check=False,
            env={"PATH": f"{tools}:/usr/bin:/bin", "AUTOGRADER_ROOT": str(root)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "the level is plain" in done.stdout
        said = log.read_text(encoding="utf-8").splitlines()
        (install,) = [line for line in said if line.startswith("uv ")]
        assert "--torch-backend cpu" in install
        assert f"--constraint {root}/source/constraints.txt" in install
        assert said[-1] == "python -m grader --help"


class Box:
    """A Gradescope machine with its folders somewhere else."""

    def __init__(self, root: Path, archive: zipfile.ZipFile) -> None:
        self.root = root
        self.results = root / "results" / "results.json"
        archive.extractall(root / "source")
        (root / "submission").mkdir()
        shutil.copy(root / "source" / "run_autograder", root)

    def submit(self, folder: Path) -> None:
        for path in folder.glob("*.py"):
            shutil.copy(path, self.root / "submission")

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", self.root / "run_autograder"], capture_output=True, text=True, check=False,
            cwd=self.root, env={
                "PATH": "/usr/bin:/bin", "AUTOGRADER_ROOT": str(self.root),
                "AUTOGRADER_PYTHON": sys.executable,
            },
        )  # fmt: skip

    def read(self) -> dict[str, Any]:
        return read(self.results.read_text(encoding="utf-8"), "gradescope")

    def score(self) -> float:
        return float(sum(test["score"] for test in self.read()["tests"]))


@pytest.fixture
def box(tmp_path: Path, archive: zipfile.ZipFile) -> Box:
    return Box(tmp_path / "autograder", archive)


class TestRun:
    @pytest.mark.slow
    def test_the_reference(self, box: Box) -> None:
        box.submit(REFERENCE)
        done = box.run()
        assert done.returncode == 0, done.stderr
        assert box.score() == POINTS
        assert sum(test["max_score"] for test in box.read()["tests"]) == POINTS

    @pytest.mark.slow
    def test_the_stubs_on_hidden_data(self, tmp_path: Path) -> None:
        bundle = write_tiny_bundle(tmp_path / "h.npz")
        box = Box(tmp_path / "autograder", zipfile.ZipFile(io.BytesIO(package(bundle))))
        box.submit(ROOT / "assignment")
        done = box.run()
        assert done.returncode == 0, done.stderr
        assert box.score() == 0
        seen = {test["visibility"] for test in box.read()["tests"]}
        assert seen == {"visible", "after_published"}

    def test_what_holds_no_module_is_told_so(self, box: Box) -> None:
        (box.root / "submission" / "essay.txt").write_text("hello", encoding="utf-8")
        done = box.run()
        assert done.returncode == 0, done.stderr
        assert box.score() == 0
        assert "none of the five modules" in box.read()["output"]
        assert str(box.root) not in box.read()["output"]

    @pytest.mark.slow
    def test_a_fault_of_ours_hands_nothing_in(self, box: Box) -> None:
        box.submit(ROOT / "assignment")
        (box.root / "source" / "grader" / "checks" / "threshold.py").unlink()
        box.results.parent.mkdir()
        box.results.write_text('{"score": 100}', encoding="utf-8")  # an earlier one
        done = box.run()
        assert done.returncode == 1
        assert not box.results.exists()
        assert "no results are handed in" in done.stderr

    def test_a_broken_package_hands_nothing_in(self, box: Box) -> None:
        box.submit(ROOT / "assignment")
        (box.root / "source" / "options.json").write_text("{", encoding="utf-8")
        assert box.run().returncode == 1
        assert not box.results.exists()

    @pytest.mark.slow
    def test_the_deadline_keeps_what_was_done(
        self, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        box.submit(ROOT / "assignment")
        sleeps = "import time\nwhile True:\n    time.sleep(1)\n"
        (box.root / "submission" / "contrastive.py").write_text(sleeps, encoding="utf-8")
        monkeypatch.chdir(box.root / "source")
        assert main(box.root, deadline_s=60.0) == 0
        outputs = [test["output"] for test in box.read()["tests"]]
        assert outputs[-1] == "not run yet"
        assert "not run yet" not in outputs[0]
        assert box.score() == 0
