"""The walkthrough runs from top to bottom, whatever the student has done so far."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "assignment" / "walkthrough.ipynb"
TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")
TRAINING = TASKS[:4]
# How many pictures each cell shows, and which tasks that takes.
PICTURES: dict[str, tuple[int, tuple[str, ...]]] = {
    "data-picture": (1, ()),
    "why-sure": (1, ()),
    "why-all": (1, ()),
    "autoencoder-picture": (1, ("autoencoder",)),
    "autoencoder-between": (1, ("autoencoder",)),
    "classifier-picture": (1, ("classifier",)),
    "contrastive-pull": (1, ("contrastive",)),
    "threshold-histogram": (1, ("threshold",)),
    "threshold-trade-off": (1, ("threshold",)),
    "evaluation-picture": (1, ("evaluation",)),
    "train": (1, TRAINING),
    "result-pictures": (2, TRAINING),
    "result-trade-off": (1, TRAINING),
    "result-confusion": (1, TRAINING),
}
STATES = {"stubs": (), "all": TASKS, **{task: (task,) for task in TASKS}}


@pytest.fixture(scope="module")
def notebook() -> Any:
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_it_is_a_valid_notebook_with_ids(notebook: Any) -> None:
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))
    # An id that Jupyter made up would change with each cell that is copied.
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", name) for name in ids)


def test_its_output_is_stripped(notebook: Any) -> None:
    """As `jupyter nbconvert --clear-output --inplace assignment/walkthrough.ipynb` leaves it."""
    for cell in code(notebook):
        assert cell["outputs"] == [], cell["id"]
        assert cell["execution_count"] is None, cell["id"]
    for cell in notebook["cells"]:
        assert cell["metadata"].keys() <= {"tags"}, cell["id"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook["metadata"].keys() == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}


def test_cells_that_run_a_students_code_do_not_stop_the_others(notebook: Any) -> None:
    for cell in code(notebook):
        calls = "with when_done():" in "".join(cell["source"])
        assert calls == ("raises-exception" in cell["metadata"].get("tags", [])), cell["id"]


def test_its_points_are_those_of_the_rubric(notebook: Any) -> None:
    rubric = tomllib.loads((ROOT / "grader" / "rubric.toml").read_text(encoding="utf-8"))
    (text,) = ["".join(cell["source"]) for cell in notebook["cells"] if cell["id"] == "grader-text"]
    told = re.findall(r"^\| (?:\d )?(\w+).*\| (\d+) \|$", text, re.MULTILINE)
    assert dict(told) == {task["id"]: str(task["points"]) for task in rubric["tasks"]} | {
        "total": "100"
    }


def test_files_that_it_names_are_there(notebook: Any) -> None:
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    linked = re.findall(r"\]\(([\w.]+)\)", text)
    assert linked
    assert all((NOTEBOOK.parent / name).is_file() for name in linked)


@pytest.fixture
def execute(tmp_path: Path) -> Any:
    """Stage the assignment with some tasks done, and run its notebook as a student would."""

    def run(*done: str) -> Any:
        package = tmp_path / "assignment"
        package.mkdir()
        for file in (ROOT / "assignment").iterdir():
            if file.suffix in (".py", ".ipynb"):
                shutil.copy(file, package)
        for task in done:
            shutil.copy(ROOT / "solutions" / "reference" / f"{task}.py", package)
        before = (package / "walkthrough.ipynb").read_bytes()
        command = [
            *("-m", "nbconvert", "--to", "notebook", "--execute", "assignment/walkthrough.ipynb"),
            *("--output-dir", str(tmp_path), "--output", "executed.ipynb"),
        ]
        finished = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=560,
        )
        assert finished.returncode == 0, finished.stderr[-2000:]
        assert (package / "walkthrough.ipynb").read_bytes() == before
        return json.loads((tmp_path / "executed.ipynb").read_text(encoding="utf-8"))

    return run


def environment(folder: Path) -> dict[str, str]:
    """Neither a network nor settings of whoever runs the tests."""
    return {
        **os.environ,
        # For `datasets` and `grader`; a kernel looks here before it looks in its own folder.
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "OSR_DATA": str(folder / "no data"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter data"),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "OMP_NUM_THREADS": "1",
    }


def texts(cell: Any) -> str:
    """All that a cell says in words."""
    said = []
    for output in cell["outputs"]:
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        said.append("".join(text))
    return "\n".join(said)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_it_runs_from_top_to_bottom(execute: Any, state: str) -> None:
    done = STATES[state]
    cells = {cell["id"]: cell for cell in code(execute(*done))}

    kinds = {out["output_type"] for cell in cells.values() for out in cell["outputs"]}
    assert "error" not in kinds
    said = "\n".join(texts(cell) for cell in cells.values())
    assert "Warning" not in said
    lines = re.findall(r"^Not done yet: (.*)$", said, re.MULTILINE)
    named = {re.search(r"task \d, (\w+):", line)[1] for line in lines}  # type: ignore[index]
    assert named == set(TASKS) - set(done)
    assert all(
        re.match(rf"assignment/{task}\.py, line \d+: task \d, {task}: ", line)
        for line in lines
        for task in TASKS
        if f", {task}:" in line
    )

    pictures = {
        name: sum("image/png" in output.get("data", {}) for output in cell["outputs"])
        for name, cell in cells.items()
    }
    expected = {name: count for name, (count, needs) in PICTURES.items() if set(needs) <= set(done)}
    assert {name: count for name, count in pictures.items() if count} == expected
    assert "no training run yet" in texts(cells["your-run"])
    assert f"{15 if 'threshold' in done else 0} / 15" in texts(cells["grader"])
    if state == "all":
        assert "Waiting" not in said.replace(texts(cells["your-run"]), "")
        assert_by_hand_is_by_code(cells)


def assert_by_hand_is_by_code(cells: Any) -> None:
    """What the text works out by hand is what the reference computes."""
    for name in ("contrastive-by-hand", "threshold-by-hand"):
        pairs = re.findall(r"by hand (.*?), yours (.*)$", texts(cells[name]), re.MULTILINE)
        assert len(pairs) == 3
        for by_hand, yours in pairs:
            assert json.loads(yours) == pytest.approx(json.loads(by_hand), abs=1e-4)
    by_hand, yours = texts(cells["evaluation-by-hand"]).split("\n")[:2]
    assert by_hand.split(":")[1].split() == yours.split(":")[1].split()
