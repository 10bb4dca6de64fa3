"""Bugs of our own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import grading
from grader.rubric import load_rubric
from tests.grader.grade_command.endings import REFERENCE, Run, assert_all, checks_of
from tests.grader.schema import assert_schema, load_strict

BUG = "    raise TypeError('our own bug')\n"


@pytest.fixture
def broken_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped checks with a bug of ours in `threshold.statistics`."""
    folder = shutil.copytree(grading.CHECKS, tmp_path / "checks")
    path = folder / "threshold.py"
    head = "def test_statistics(student: Student, rng: np.random.Generator) -> None:\n"
    text = path.read_text(encoding="utf-8")
    assert head in text
    path.write_text(text.replace(head, f"{head}{BUG}"), encoding="utf-8")
    monkeypatch.setattr(grading, "CHECKS", folder)
    return folder


class TestGradersFault:
    """A bug of ours: exit code 3, a record that is not final, and no word against the student."""

    OPTIONS = ("--data", "digits", "--task", "threshold")

    def test_is_said_with_file_and_line(
        self, run: Run, broken_checks: Path, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        target = tmp_path / "record.json"
        result = run(copy_reference(), *self.OPTIONS, "--json", target)
        assert result.exit_code == 3
        data = load_strict(target.read_text(encoding="utf-8"))
        assert_schema(data)
        assert data["status"] == "grader_error"
        text = (broken_checks / "threshold.py").read_text(encoding="utf-8")
        line = text.splitlines().index(BUG.rstrip()) + 1
        message = f"checks/threshold.py:{line}: TypeError: our own bug"
        broken = {c["id"]: c for c in checks_of(data, "threshold") if c["status"] != "passed"}
        assert {name: c["message"] for name, c in broken.items()} == {
            "threshold.statistics": message
        }
        assert message in result.stdout
        assert "not your fault" in result.stdout
        assert "not final" in result.stdout

    def test_never_replaces_a_final_grade(
        self, run: Run, request: pytest.FixtureRequest, copy_reference: Callable[..., Path],
        tmp_path: Path,
    ) -> None:  # fmt: skip
        folder, target = copy_reference(), tmp_path / "record.json"
        assert run(folder, *self.OPTIONS, "--json", target).exit_code == 0
        final = target.read_bytes()
        request.getfixturevalue("broken_checks")
        result = run(folder, *self.OPTIONS, "--json", target)
        assert result.exit_code == 3
        assert target.read_bytes() == final
        beside = tmp_path / "record.grader_error.json"
        assert load_strict(beside.read_text(encoding="utf-8"))["status"] == "grader_error"
        assert str(beside) in result.stderr

    def test_missing_file_of_checks(
        self, run: Run, broken_checks: Path, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        (broken_checks / "threshold.py").unlink()
        target = tmp_path / "record.json"
        assert run(copy_reference(), *self.OPTIONS, "--json", target).exit_code == 3
        data = load_strict(target.read_text(encoding="utf-8"))
        assert data["status"] == "grader_error"
        assert_all(data, "threshold", "grader_error", "checks/threshold.py", "no such file")

    def test_broken_rubric_is_one_line_before_anything_runs(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "rubric.toml"
        path.write_text("schema = 1\n", encoding="utf-8")
        monkeypatch.setattr(grading, "load_rubric", lambda: load_rubric(path))
        target = tmp_path / "record.json"
        result = run(REFERENCE, *self.OPTIONS, "--json", target)
        assert result.exit_code == 3
        assert result.stderr == "error: rubric.toml: limits: it is missing\n"
        assert not target.exists()
