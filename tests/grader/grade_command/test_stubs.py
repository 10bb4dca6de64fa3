"""The stubs as a student receives them."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.rubric import load_rubric
from tests.grader.grade_command.endings import CODE_TASKS, ROOT, assert_all
from tests.grader.schema import assert_schema, load_strict


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("stubs") / "record.json"
    arguments = ["grade", str(ROOT / "assignment"), "--data", "digits", "--json", str(target)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "fill in task 4" in result.stdout
    return load_strict(target.read_text(encoding="utf-8"))


class TestStubs:
    """What a student receives earns nothing, and is told where to begin."""

    def test_score_nothing_of_a_hundred(self, stubs: dict[str, Any]) -> None:
        assert_schema(stubs)
        assert (stubs["score"], stubs["max_score"]) == (0, 100)
        assert stubs["status"] == "graded"

    @pytest.mark.parametrize("task", CODE_TASKS)
    def test_every_check_says_not_implemented(self, stubs: dict[str, Any], task: str) -> None:
        assert_all(stubs, task, "not_implemented", task)

    def test_accuracy_waits_for_its_tasks(self, stubs: dict[str, Any]) -> None:
        assert_all(stubs, "accuracy", "skipped", "Autoencoder", "Classifier")
        assert stubs["metrics"] is None

    def test_rubric_and_record_hold_the_same_checks(self, stubs: dict[str, Any]) -> None:
        listed = [check.id for task in load_rubric().tasks for check in task.checks]
        assert listed == [c["id"] for task in stubs["tasks"] for c in task["checks"]]
