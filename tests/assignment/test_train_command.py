"""`python -m assignment.train`, as a student runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.assignment.conftest import ROOT


def last_line(finished):
    assert "Traceback" not in finished.stdout + finished.stderr
    return finished.stdout.strip().split("\n")[-1]


def replace(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_help_does_not_import_torch():
    code = (
        "import sys, runpy\n"
        "sys.argv = ['train', '--help']\n"
        "try:\n    runpy.run_module('assignment.train', run_name='__main__')\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'torch', 'matplotlib', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    assert "--epochs" in finished.stdout


@pytest.mark.slow
def test_a_training_leaves_weights_history_and_pictures(staged, run, tmp_path, assignment):
    finished = run("--data", "digits", "--epochs", "2", "--seed", "3")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "data: digits (digits was asked for)" in finished.stdout
    for words in ("closed-set accuracy", "threshold", "held-out digits rejected", "time"):
        assert words in finished.stdout
    assert last_line(finished) == "next: python -m grader grade assignment"
    history = json.loads((tmp_path / "runs" / "history.json").read_text())
    assert (history["seed"], history["recipe"]["epochs"]) == (3, 2)
    found = sorted(file.name for file in (tmp_path / "runs").iterdir())
    assert found == ["errors.png", "history.json", "losses.png", "reconstructions.png"]
    model = assignment("model").build_model()
    model.load(staged / "weights.safetensors")
    assert float(model.threshold) == pytest.approx(history["threshold"])


@pytest.mark.slow
def test_out_takes_everything(staged, run, tmp_path):
    finished = run("--data", "auto", "--epochs", "1", "--out", "a/b")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "data: digits (no MNIST under" in finished.stdout
    assert len(list((tmp_path / "a" / "b").iterdir())) == 5
    assert not (staged / "weights.safetensors").exists()
    assert not (tmp_path / "runs").exists()


def test_untouched_stubs_say_which_task_comes_first(run, tmp_path):
    ignore = shutil.ignore_patterns("*.safetensors", "__pycache__")
    shutil.copytree(ROOT / "assignment", tmp_path / "assignment", ignore=ignore)
    finished = run("--data", "digits")
    assert finished.returncode == 2
    assert last_line(finished).startswith("still to do: assignment/autoencoder.py, line ")
    assert ": task 1, autoencoder: " in last_line(finished)
    assert not (tmp_path / "assignment" / "weights.safetensors").exists()


@pytest.mark.parametrize(
    ("task", "file"), [("2, classifier", "classifier.py"), ("4, threshold", "threshold.py")]
)
def test_the_first_open_task_is_named(staged, run, task, file):
    shutil.copy(ROOT / "assignment" / file, staged / file)
    finished = run("--data", "digits")
    assert finished.returncode == 2
    assert last_line(finished).startswith(f"still to do: assignment/{file}, line ")
    assert f": task {task}: " in last_line(finished)


def test_a_students_mistake_is_one_line_with_its_place(staged, run):
    replace(staged / "classifier.py", "nn.Linear(32 * 7 * 7,", "nn.Linear(32 * 7 * 8,")
    finished = run("--data", "digits")
    assert finished.returncode == 1
    assert last_line(finished).startswith("assignment/classifier.py, line ")
    assert "RuntimeError: mat1 and mat2 shapes cannot be multiplied" in last_line(finished)
    finished = run("--data", "digits", "--traceback")
    assert finished.returncode == 1
    assert "Traceback" in finished.stderr


def test_a_file_that_is_no_python_is_named(staged, run):
    replace(staged / "threshold.py", "def reject(", "def reject((")
    finished = run("--data", "digits")
    assert finished.returncode == 1
    assert last_line(finished).startswith("assignment/threshold.py, line ")
    assert "SyntaxError" in last_line(finished)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data", "mnist"], "no MNIST"),
        (["--device", "mps" if sys.platform != "darwin" else "cuda"], "take --device auto"),
        (["--out", "taken"], "cannot write to taken: File exists; try --out DIR"),
        (["--out", "taken/below"], "cannot write to taken/below: Not a directory; try --out DIR"),
    ],
)
def test_what_cannot_be_done_is_one_line(staged, run, tmp_path, options, words):
    (tmp_path / "taken").write_text("a file")
    finished = run(*options)
    assert finished.returncode == 2
    assert words in last_line(finished)


@pytest.mark.parametrize(
    "options", [["--data", "cifar"], ["--epochs", "0"], ["--seed", "-1"], ["--nonsense"]]
)
def test_wrong_options(staged, run, options):
    finished = run(*options)
    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr
