"""`python -m grader hint`: titles, causes and hints, and nothing heavy imported for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.errors import UsageError
from grader.hints import describe_check, list_checks
from grader.rubric import CheckEntry, TaskEntry, load_rubric

ROOT = Path(__file__).parents[2]
RUBRIC = load_rubric()
CHECKS = [(task, check) for task in RUBRIC.tasks for check in task.checks]
IDS = [check.id for _, check in CHECKS]


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(app, ["hint", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize(("task", "check"), CHECKS, ids=IDS)
def test_one_level_more_at_a_time(task: TaskEntry, check: CheckEntry, level: int) -> None:
    text = describe_check(RUBRIC, check.id, level)
    assert text.startswith(f"{check.title}\n")
    for part in (check.id, f"{check.points:g} point", task.title, check.cause):
        assert part in text
    for number, hint in enumerate(check.hints, 1):
        assert (f"Hint {number}: {hint}" in text) == (number <= level)
    last = text.splitlines()[-1]
    if level < len(check.hints):
        assert last.endswith(f"python -m grader hint {check.id} --level {level + 1}")
    else:
        assert last == "There are no more hints."


def test_command_shows_the_first_hint_and_says_that_there_are_more() -> None:
    result = run("contrastive.value")
    assert result.exit_code == 0
    assert result.stdout.rstrip("\n") == describe_check(RUBRIC, "contrastive.value", 1)
    assert "There are 2 more hints" in result.stdout


def test_without_a_check_lists_them_by_task() -> None:
    result = run()
    assert result.exit_code == 0
    assert result.stdout.rstrip("\n") == list_checks(RUBRIC)
    lines = result.stdout.splitlines()
    for task, check in CHECKS:
        assert f"{task.title}, {task.points:g} points" in lines
        (line,) = [line for line in lines if line.split()[:1] == [check.id]]
        assert line.split()[1] == f"{check.points:g}"
        assert line.endswith(check.title)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("contrastive.vlaue", "contrastive.value"),
        ("value", "contrastive.value"),
        ("learns", "autoencoder.learns, classifier.learns"),
        ("Threshold", "threshold.statistics"),
        ("evaluation.gradients", "evaluation.no_gradients"),
        ("zzz", "python -m grader hint"),
        ("a\nb", "python -m grader hint"),
    ],
)
def test_unknown_check_is_one_line_with_near_names(name: str, near: str) -> None:
    result = run(name)
    assert result.exit_code == 2
    assert not result.stdout
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: there is no check")
    assert near in line


@pytest.mark.parametrize("level", ["0", "4", "two"])
def test_level_that_there_is_not(level: str) -> None:
    result = run("contrastive.value", "--level", level)
    assert result.exit_code == 2
    assert "--level" in result.stderr


def test_near_names_are_refused_with_usage_error() -> None:
    with pytest.raises(UsageError):
        describe_check(RUBRIC, "", 1)


def test_needs_nothing_heavy() -> None:
    """It has to answer at once, and where torch is not installed."""
    code = (
        "import sys\n"
        "from grader.cli import app\n"
        "try:\n"
        "    app(['hint', 'contrastive.value', '--level', '3'])\n"
        "finally:\n"
        "    heavy = ('torch', 'sklearn', 'scipy', 'pytest', 'matplotlib', 'grader.grading')\n"
        "    print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == "[]\n"
    assert "Hint 3" in done.stdout
