"""The command as a person runs it, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grader.grade_command.endings import ROOT, run_module
from tests.grader.schema import assert_schema, load_strict


class TestProcess:
    """What only a real process shows."""

    def test_usage_error(self, tmp_path: Path) -> None:
        done = run_module("grade", tmp_path / "nowhere")
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1
        assert done.stdout == ""

    def test_record_and_table(self, copy_reference: Callable[..., Path], tmp_path: Path) -> None:
        target = tmp_path / "record.json"
        done = run_module(
            "grade", copy_reference(), "--data", "digits", "--task", "threshold", "--json", target
        )
        assert done.returncode == 0
        assert "15 / 15" in done.stdout
        assert "\x1b" not in done.stdout + done.stderr
        assert_schema(load_strict(target.read_text(encoding="utf-8")))

    @pytest.mark.slow
    def test_warnings_as_errors_change_nothing(self, copy_reference: Callable[..., Path]) -> None:
        """Somebody's PYTHONWARNINGS is no reason for another mark."""
        done = run_module(
            "grade", copy_reference(), "--data", "digits", "--task", "evaluation",
            PYTHONWARNINGS="error",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert "15 / 15" in done.stdout

    @pytest.mark.slow
    def test_pytest_settings_of_the_user_change_nothing(
        self, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        (tmp_path / "conftest.py").write_text("raise ValueError\n", encoding="utf-8")
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n", encoding="utf-8")
        done = run_module(
            "grade", copy_reference(), "--data", "digits", "--task", "threshold",
            PYTEST_ADDOPTS="--nonsense", PYTEST_PLUGINS="nowhere",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "15 / 15" in done.stdout

    def test_the_graders_process_never_imports_torch(
        self, copy_reference: Callable[..., Path]
    ) -> None:
        code = (
            "import sys\n"
            "from pathlib import Path\n"
            "from grader.grading import Plan, grade\n"
            "record = grade(Plan(Path(sys.argv[1]), data='digits', tasks=('contrastive',)))\n"
            "strays = [n for n in sys.modules if n.split('.')[0] in ('torch', 'assignment')]\n"
            "print(record.score, strays)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(copy_reference())],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.split(maxsplit=1) == ["20.0", "[]\n"]
