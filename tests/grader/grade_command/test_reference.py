"""The reference solution, in every form that it can be handed in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grader.grade_command.endings import (
    CODE_TASKS,
    REFERENCE,
    ROOT,
    Run,
    checks_of,
    graded,
    task_options,
    without_times,
)


class TestReference:
    """The reference goes through the same door."""

    def test_code_tasks_earn_all_points(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        data = graded(run, copy_reference(), *task_options(*CODE_TASKS))
        assert (data["score"], data["max_score"]) == (80, 80)

    @pytest.mark.slow
    def test_archives_and_folder_get_one_record(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        folder = copy_reference()
        with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
            for file in folder.iterdir():
                archive.write(file, f"someone/assignment/{file.name}")
        with tarfile.open(tmp_path / "packed.tar.gz", "w:gz") as archive:
            archive.add(folder, "work")
        records = [
            graded(run, path, "--task", "contrastive")
            for path in (folder, tmp_path / "packed.zip", tmp_path / "packed.tar.gz")
        ]
        assert len({record["submission"]["sha256"] for record in records}) == 1
        assert len({record["environment"]["seed"] for record in records}) == 1
        assert [record["score"] for record in records] == [20, 20, 20]

    def test_passed_checks_carry_no_hint(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        data = graded(run, copy_reference(), "--task", "threshold")
        assert all(check["hint"] == "" for check in checks_of(data, "threshold"))

    @pytest.mark.parametrize(("percent", "code"), [("0", 0), ("53.3", 0), ("53.4", 1), ("100", 1)])
    def test_fail_under(
        self, run: Run, copy_reference: Callable[..., Path], percent: str, code: int
    ) -> None:
        """Eight points of fifteen, 53.3 %: divided by n, and equality is rejected."""
        text = (REFERENCE / "threshold.py").read_text(encoding="utf-8")
        text = text.replace("correction=1", "correction=0").replace("errors > thr", "errors >= thr")
        folder = copy_reference(threshold=text)
        options = ("--data", "digits", "--task", "threshold", "--fail-under", percent)
        assert run(folder, *options).exit_code == code

    @pytest.mark.slow
    def test_grading_twice_gives_the_same_record(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        """With the training: full marks, and nothing differs but times."""
        folder = copy_reference()
        first, second = graded(run, folder), graded(run, folder)
        assert first["score"] == 100, checks_of(first, "accuracy")
        assert first["training"]["cpu_s"] > 0
        assert without_times(first) == without_times(second)

    @pytest.mark.slow
    def test_weights_from_the_students_own_training(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        """`python -m assignment.train` in a student's folder, then graded without training."""
        work = tmp_path / "work"
        shutil.copytree(ROOT / "assignment", work / "assignment")
        for file in REFERENCE.glob("*.py"):
            shutil.copy(file, work / "assignment" / file.name)
        command = [sys.executable, "-m", "assignment.train", "--data", "digits"]
        subprocess.run(
            command, cwd=work, env={**os.environ, "PYTHONPATH": f"{work}:{ROOT}"}, check=True,
            capture_output=True,
        )  # fmt: skip
        assert (work / "assignment" / "weights.safetensors").is_file()
        data = graded(run, work / "assignment", "--train", "never")
        assert data["score"] == 100, checks_of(data, "accuracy")
        assert data["training"] is None
