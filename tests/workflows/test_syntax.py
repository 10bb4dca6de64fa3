"""Every workflow is one that GitHub would accept, and nothing of a student's reaches its shell."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest

from tests.workflows.runner import ACTIONS, load, steps

ROOT = Path(__file__).parents[2]
STUDENTS = ROOT / "solutions" / "release" / "templates" / "grade.yml"
CLASSROOM = ROOT / ".github" / "workflows" / "classroom.yml"
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), STUDENTS]
SCHEMA = json.loads((Path(__file__).parent / "workflow.schema.json").read_text("utf-8"))
# Contexts whose text somebody else chooses: in a script they would be code.
OTHERS = re.compile(r"\$\{\{[^}]*\b(inputs|matrix|secrets|github\.event|github\.head_ref)\b")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@each_workflow
def test_has_only_keys_that_are_known(path: Path) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(load(path))


@each_workflow
def test_each_script_is_valid_bash(path: Path) -> None:
    for _, step in steps(load(path)):
        if "run" in step:
            done = subprocess.run(
                ["bash", "-n"], input=step["run"], text=True, capture_output=True, check=False
            )
            assert done.returncode == 0, done.stderr


@each_workflow
def test_no_text_of_others_is_a_part_of_a_script(path: Path) -> None:
    for _, step in steps(load(path)):
        assert not OTHERS.search(step.get("run", "")), step


@each_workflow
def test_may_read_and_nothing_else(path: Path) -> None:
    assert load(path)["permissions"] == {"contents": "read"}


@each_workflow
def test_uses_known_actions_at_a_version(path: Path) -> None:
    assert {step["uses"] for _, step in steps(load(path)) if "uses" in step} <= set(ACTIONS)


@each_workflow
def test_an_id_that_is_asked_for_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    ids = {step.get("id") for _, step in steps(load(path))}
    assert set(re.findall(r"\bsteps\.([\w-]+)\.", text)) <= ids
    inputs = ((load(path)["on"].get("workflow_dispatch") or {}).get("inputs") or {}).keys()
    assert set(re.findall(r"\binputs\.(\w+)", text)) <= inputs


@each_workflow
@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    done = subprocess.run(
        ["actionlint", "-"], input=text, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_students_workflow_knows_no_secret() -> None:
    assert "secrets" not in STUDENTS.read_text("utf-8")
    assert "--hidden" not in STUDENTS.read_text("utf-8")


def test_hidden_data_is_graded_only_when_the_instructor_starts_it() -> None:
    workflow = load(CLASSROOM)
    assert list(workflow["on"]) == ["workflow_dispatch"]
    assert "github.event.repository.private" in workflow["jobs"]["grade"]["if"]
    grading = next(s for _, s in steps(workflow) if "--hidden" in s.get("run", ""))
    assert "--sandbox require" in grading["run"]
    assert "GH_TOKEN" not in grading.get("env", {})


def test_no_workflow_hands_secrets_to_code_of_a_fork() -> None:
    for path in WORKFLOWS:
        assert "pull_request_target" not in load(path)["on"]


def test_no_checkout_leaves_a_token_beside_a_students_code() -> None:
    for path in (STUDENTS, CLASSROOM):
        for _, step in steps(load(path)):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
