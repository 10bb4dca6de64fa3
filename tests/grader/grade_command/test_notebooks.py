"""A notebook, graded by the command as a folder of modules is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.grader.grade_command.endings import (
    CODE_TASKS,
    Run,
    assert_usage_error,
    checks_of,
    graded,
    task_options,
)
from tests.grader.notebooks import SOURCES, code, markdown, notebook, plain_cells, written_cells

FORMS = {"plain": plain_cells(), "written": written_cells()}


def written(path: Path, *cells: Any) -> Path:
    path.write_bytes(notebook(*cells))
    return path


@pytest.mark.parametrize("form", FORMS)
def test_reference_earns_all_points_of_the_code_tasks(run: Run, tmp_path: Path, form: str) -> None:
    cells = ["%matplotlib inline\nprint(1)", *FORMS[form], "raise SystemExit"]
    data = graded(run, written(tmp_path / "work.ipynb", *cells), *task_options(*CODE_TASKS))
    assert (data["score"], data["max_score"]) == (80, 80)
    assert data["submission"]["name"] == "work"
    assert "notebook: what is no definition is left out (cells 1 and 7)" in data["notes"]


@pytest.mark.parametrize("form", FORMS)
def test_mistake_fails_the_same_check_as_in_a_folder(
    run: Run, tmp_path: Path, copy_reference: Any, form: str
) -> None:
    text = SOURCES["threshold"].replace("correction=1", "correction=0")
    folder = graded(run, copy_reference(threshold=text), "--task", "threshold")
    cells = [cell.replace("correction=1", "correction=0") for cell in FORMS[form]]
    alone = graded(run, written(tmp_path / "work.ipynb", *cells), "--task", "threshold")
    statuses = [
        [(check["id"], check["status"]) for check in checks_of(data, "threshold")]
        for data in (folder, alone)
    ]
    assert statuses[0] == statuses[1]
    assert "failed" in dict(statuses[0]).values()


def test_error_names_the_cell_and_its_line(run: Run, tmp_path: Path) -> None:
    cells = [
        markdown("# Task 4"),
        "import torch\n\ndef helper(errors):\n    return errors.nothing()",
        "def adaptive_threshold(errors, z=3.0):\n    return helper(errors)",
    ]
    data = graded(run, written(tmp_path / "work.ipynb", *cells), "--task", "threshold")
    messages = {check["id"]: check["message"] for check in checks_of(data, "threshold")}
    assert any("(cell 2, line 4)" in message for message in messages.values()), messages
    assert "notebook: no cell of the notebook defines reject" in data["notes"]


def test_missing_name_is_not_implemented(run: Run, tmp_path: Path) -> None:
    cells = ["def contrastive_loss(*_): return 0", "def Classifier(:"]
    data = graded(
        run, written(tmp_path / "w.ipynb", *cells), *task_options("classifier", "threshold")
    )
    for task, words in (("classifier", "cell 2, which cannot be parsed"), ("threshold", "no cell")):
        first = checks_of(data, task)[0]
        assert first["status"] == "not_implemented"
        assert words in first["message"]
    assert data["score"] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "no JSON"),
        (notebook("x = 1"), "no cell defines any of the tasks' names"),
        (notebook("x", metadata={"language_info": {"name": "R"}}), "its kernel is not Python"),
        (notebook(code(None)), "cell 1 has no text"),
    ],
)
def test_what_is_no_notebook_is_one_line(
    run: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "work.ipynb"
    path.write_bytes(content)
    assert_usage_error(run(path, "--data", "digits"), "work.ipynb", words)
