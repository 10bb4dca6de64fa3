"""Quiet, records on standard output, versions, completion, names that were meant, any encoding."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from datasets.command_line import PLAIN
from grader.cli import app
from grader.gradebook import Gradebook
from grader.rubric import load_rubric
from tests.grader.schema import assert_schema, load_strict
from tests.grader.statistics.records import check, new_grade, record

ROOT = Path(__file__).parents[3]
STUBS, REFERENCE = ROOT / "assignment", ROOT / "solutions" / "reference"
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands
            if command.callback}  # fmt: skip
GRADE = ("grade", STUBS, "--data", "digits", "--task", "threshold")


def run(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def run_program(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run `python ARGUMENTS` as a person does, its output not decoded."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "OSR_DATA": os.devnull, **variables}, capture_output=True,
        check=False,
    )  # fmt: skip


class TestQuiet:
    def test_prints_the_score_and_nothing_else(self) -> None:
        result = run(*GRADE, "--quiet")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "assignment: 0 / 15\n", "")

    def test_errors_are_said(self, tmp_path: Path) -> None:
        result = run("grade", tmp_path, "-q")
        assert result.exit_code == 2
        assert result.stdout == ""
        assert len(result.stderr.splitlines()) == 1

    def test_fail_under_still_counts(self) -> None:
        assert run(*GRADE, "-q", "--fail-under", "50").exit_code == 1


class TestRecordOnStandardOutput:
    def test_standard_output_is_the_record_alone(self) -> None:
        result = run(*GRADE, "--json", "-")
        assert result.exit_code == 0
        data = load_strict(result.stdout)
        assert_schema(data)
        assert data["max_score"] == 15
        assert "Adaptive threshold" in result.stderr
        assert not (Path.cwd() / "-").exists()

    def test_quiet_leaves_the_score_on_standard_error(self) -> None:
        result = run(*GRADE, "--json", "-", "-q")
        assert json.loads(result.stdout)["score"] == 0
        assert result.stderr == "assignment: 0 / 15\n"

    def test_only_one_thing_goes_there(self) -> None:
        result = run(*GRADE, "--json", "-", "--emit", "junit")
        assert result.exit_code == 2
        assert "standard output" in result.stderr

    def test_a_reader_that_has_gone_is_no_traceback(self) -> None:
        command = f"{sys.executable} -m grader grade assignment --task threshold --json - | true"
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "OSR_DATA": os.devnull},
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr

    def test_statistics_too(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path / "b.sqlite", create=True) as book:
            book.add(new_grade("ann", record(check("a"))))
        result = run("stats", tmp_path / "b.sqlite", "--json", "-")
        assert json.loads(result.stdout)
        assert "1 student" in result.stderr


@pytest.mark.parametrize("module", ["grader", "datasets", "solutions", "assignment.train"])
def test_version(module: str) -> None:
    done = run_program("-m", module, "--version")
    assert done.returncode == 0
    version = importlib.metadata.version("open-set-lab")
    assert done.stdout.decode().split() == ["Open-Set", "Lab", version]


class TestCompletion:
    def complete(self, *words: str) -> list[str]:
        done = run_program(
            "-c", "from grader.__main__ import main; main()",
            _OSR_GRADER_COMPLETE="complete_bash", COMP_WORDS=" ".join(("osr-grader", *words)),
            COMP_CWORD=str(len(words)),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().split()

    def test_lists_every_command(self) -> None:
        assert set(self.complete("")) == COMMANDS

    def test_tasks_and_checks(self) -> None:
        assert self.complete("grade", "x", "--task", "th") == ["threshold"]
        assert set(self.complete("hint", "contrastive.")) == {
            entry.id for entry in load_rubric().task("contrastive").checks
        }

    def test_options(self) -> None:
        assert "--quiet" in self.complete("grade", "--qu")

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_is_the_programs(self, shell: str) -> None:
        done = run_program("-m", "grader", "--show-completion", shell)
        assert done.returncode == 0
        script = done.stdout.decode()
        assert "_OSR_GRADER_COMPLETE=complete_" in script
        assert "python -m" not in script

    def test_it_is_installed(self, tmp_path: Path) -> None:
        done = run_program("-m", "grader", "--install-completion", "bash", HOME=str(tmp_path))
        assert done.returncode == 0, done.stderr
        (script,) = tmp_path.glob(".bash_completions/*")
        assert "osr-grader" in script.read_text(encoding="utf-8")

    def test_the_program_is_declared(self) -> None:
        for path in ("pyproject.toml", "solutions/release/templates/pyproject.toml.j2"):
            text = (ROOT / path).read_text(encoding="utf-8")
            assert 'osr-grader = "grader.__main__:main"' in text


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("grde", STUBS), "grade"),
        (("grade", STUBS, "--jsn", "x"), "--json"),
        (("grade", STUBS, "--task", "thresold"), "threshold"),
        (("grade", STUBS, "--emit", "junt"), "junit"),
        (("watch", STUBS, "--sandbx", "plain"), "--sandbox"),
        (("hint", "contrastive.valu"), "contrastive.value"),
        (("docter",), "doctor"),
    ],
)
def test_the_name_that_was_meant(arguments: tuple[str | Path, ...], meant: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    question = line.partition("there are")[0]  # before the list of all
    assert meant in question
    assert "?" in question or "Possible" in question


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
    def test_every_console_takes_a_grade(self, encoding: str) -> None:
        done = run_program("-m", "grader", *GRADE, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert done.returncode == 0
        assert b"Traceback" not in done.stderr
        lines = done.stdout.decode(encoding).splitlines()
        mark = "○" if encoding == "utf-8" else "o"
        assert f"  {mark} Blank and full images have finite errors" in " ".join(lines)

    def test_every_stand_in_is_ascii(self) -> None:
        assert all(text.isascii() and text for text in PLAIN.values())


class TestNext:
    def test_says_which_task_why_and_what_to_type(self) -> None:
        result = run("next", STUBS, "--data", "digits")
        assert result.exit_code == 0
        assert "0 / 100" in result.stdout
        assert "Next: task 4, Adaptive threshold (threshold.py)" in result.stdout
        assert "Why: " in result.stdout
        assert f"  python -m grader watch {STUBS}" in result.stdout.splitlines()

    @pytest.mark.slow
    def test_after_the_code_comes_the_training(self, tmp_path: Path) -> None:
        work = tmp_path / "my work"
        work.mkdir()
        for module in ("autoencoder", "classifier", "contrastive", "threshold", "evaluation"):
            (work / f"{module}.py").write_bytes((REFERENCE / f"{module}.py").read_bytes())
        result = run("next", work, "--data", "digits")
        assert "80 / 100" in result.stdout
        assert "  python -m assignment.train" in result.stdout.splitlines()

    def test_what_cannot_be_opened_is_one_line(self, tmp_path: Path) -> None:
        result = run("next", tmp_path)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1


def test_help_imports_nothing_that_computes() -> None:
    """Neither NumPy nor pytest is needed to say which commands there are."""
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from grader.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['hint']).exit_code == 0\n"
        "heavy = {'numpy', 'torch', 'scipy', 'pytest', 'safetensors', 'sqlite3', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = run_program("-c", code)
    assert done.stdout.decode().strip() == "[]", done.stderr
