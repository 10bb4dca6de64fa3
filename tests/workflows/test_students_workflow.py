"""The workflow that a release brings, run step by step in a released repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workflows.runner import Ran, load, run_job

JOB = load(Path(__file__).parents[2] / "solutions/release/templates/grade.yml")["jobs"]["grade"]

pytestmark = pytest.mark.slow  # each grades from end to end


@pytest.fixture
def run(tmp_path: Path, repository: Path, machine: dict[str, str]):
    def run() -> Ran:
        scratch = tmp_path / "runner"
        scratch.mkdir()
        return run_job(JOB, repository, scratch, machine, {})

    return run


def test_the_stubs_earn_nothing_and_the_run_is_green(run, repository: Path) -> None:
    ran = run()
    assert ran.succeeded, ran.log
    record = json.loads((repository / "record.json").read_text("utf-8"))
    assert (record["score"], record["max_score"], record["status"]) == (0, 100, "graded")
    assert ran.uploads == {"record": ["record.json"]}
    for task in record["tasks"]:
        assert task["title"] in ran.summary.replace("\\", "")  # its marks are escaped
    assert "0 / 100" in ran.summary


def test_annotations_stand_at_the_students_file_and_line(run, repository: Path) -> None:
    ran = run()
    errors = [(properties, text) for level, properties, text in ran.annotations if level == "error"]
    assert errors
    for properties, _ in errors:
        lines = (repository / properties["file"]).read_text("utf-8").splitlines()
        assert "raise NotImplementedError" in lines[int(properties["line"]) - 1]


def test_a_wrong_answer_is_told_with_its_check(run, repository: Path) -> None:
    threshold = repository / "assignment" / "threshold.py"
    threshold.write_text(
        "def adaptive_threshold(errors, z=3.0):\n    return errors.mean()\n", "utf-8"
    )
    ran = run()
    assert ran.succeeded, ran.log
    assert any(
        properties.get("file") == "assignment/threshold.py" and "adaptive_threshold" in text
        for _, properties, text in ran.annotations
    )


def test_what_students_print_is_no_command(run, repository: Path) -> None:
    threshold = repository / "assignment" / "threshold.py"
    forged = "::error file=grader/rubric.toml,line=1::forged"
    threshold.write_text(
        f"print({forged!r}, flush=True)\n"
        f"def adaptive_threshold(errors, z=3.0):\n    raise ValueError({forged!r})\n",
        encoding="utf-8",
    )
    ran = run()
    assert not [p for _, p, _ in ran.annotations if p.get("file") == "grader/rubric.toml"]


def test_a_submission_that_cannot_be_graded_turns_the_run_red(run, repository: Path) -> None:
    for module in (repository / "assignment").glob("*.py"):
        module.unlink()
    ran = run()
    assert dict(ran.conclusions)["Grade"] == "failure"
    assert "none of the five modules" in ran.log
