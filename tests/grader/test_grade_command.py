"""`python -m grader grade` from end to end: every ending is one that is defined."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from typer.testing import CliRunner

from datasets.bundle import write_bundle
from datasets.hidden import make_hidden
from grader import grading
from grader.cli import app
from grader.rubric import load_rubric
from tests.grader.schema import assert_schema, load_strict

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "solutions" / "reference"
CODE_TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")

Run = Callable[..., Any]  # returns Click's result, which Typer does not export by name


@pytest.fixture(autouse=True)
def _wide_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal wide enough for every line, without colours."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("OSR_DATA", os.devnull)


@pytest.fixture
def run() -> Run:
    """Run a grading in this process; nothing but a defined exit is let through."""

    def call(*arguments: str | Path) -> Any:
        result = CliRunner().invoke(app, ["grade", *map(str, arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return result

    return call


def run_module(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def assert_usage_error(result: Any, *words: str) -> None:
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, f"not one line: {lines}"
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"
    assert not result.stdout.strip()


@pytest.fixture
def copy_reference(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the reference; a text replaces a file, None removes it, bytes are written so."""

    def copy(**changes: str | bytes | None) -> Path:
        folder = tmp_path / "submission"
        shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for stem, content in changes.items():
            path = folder / ("weights.safetensors" if stem == "weights" else f"{stem}.py")
            if content is None:
                path.unlink()
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content, encoding="utf-8")
        return folder

    return copy


def graded(run: Run, submission: Path, *options: str) -> dict[str, Any]:
    """Grade with `--json` and return the validated record."""
    target = submission.parent / "record.json"
    result = run(submission, "--data", "digits", "--json", target, *options)
    assert result.exit_code == 0, result.output
    data = load_strict(target.read_text(encoding="utf-8"))
    assert_schema(data)
    return data


def task_options(*tasks: str) -> list[str]:
    return [part for task in tasks for part in ("--task", task)]


def checks_of(data: dict[str, Any], task: str) -> list[dict[str, Any]]:
    return next(entry["checks"] for entry in data["tasks"] if entry["id"] == task)


def assert_all(data: dict[str, Any], task: str, status: str, *words: str) -> None:
    """Every check of the task has this status, and a message with these words."""
    for check in checks_of(data, task):
        assert check["status"] == status, f"{check['id']}: {check['status']}, {check['message']}"
        for word in words:
            assert word in check["message"], f"{check['id']}: {check['message']!r}"


class TestWrongUsage:
    """Exit code 2 and one line, before any student code runs."""

    def test_missing_path(self, run: Run, tmp_path: Path) -> None:
        assert_usage_error(run(tmp_path / "nowhere"), "nowhere", "no such file")

    def test_path_too_long_for_the_system(self, run: Run) -> None:
        assert_usage_error(run("x" * 5000))

    def test_empty_folder(self, run: Run, tmp_path: Path) -> None:
        assert_usage_error(run(tmp_path), "none of the five modules")

    def test_file_that_is_no_archive(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "report.pdf"
        path.write_bytes(b"%PDF")
        assert_usage_error(run(path), "report.pdf", ".zip")

    @pytest.mark.parametrize("name", ["s.zip", "s.tar.gz", "s.tar", "s.tgz"])
    def test_archive_that_is_garbage(self, run: Run, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_bytes(b"this is not an archive" * 50)
        assert_usage_error(run(path), name, "cannot be read")

    def test_unknown_task(self, run: Run) -> None:
        result = run(REFERENCE, "--task", "contrastiv")
        assert_usage_error(result, "contrastiv", *CODE_TASKS, "accuracy")

    @pytest.mark.parametrize(
        "options",
        [("--frobnicate",), ("--data", "cifar"), ("--seed", "-1"), ("--fail-under", "101"),
         ("--train", "sometimes"), ("--sandbox", "docker"), ("--seed", "one")],
    )  # fmt: skip
    def test_unknown_option_or_value(self, run: Run, options: tuple[str, ...]) -> None:
        assert_usage_error(run(REFERENCE, *options), options[0])

    def test_no_submission(self, run: Run) -> None:
        assert_usage_error(run(), "submission")

    def test_mnist_that_is_not_there(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OSR_DATA", str(tmp_path))
        assert_usage_error(run(REFERENCE, "--data", "mnist"), "MNIST", "fetch")

    def test_hidden_bundle_that_is_not_there(self, run: Run, tmp_path: Path) -> None:
        assert_usage_error(run(REFERENCE, "--hidden", tmp_path / "hidden.npz"), "hidden.npz")

    def test_hidden_bundle_that_is_garbage(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "hidden.npz"
        path.write_bytes(b"PK\x03\x04 nothing")
        assert_usage_error(run(REFERENCE, "--hidden", path), "hidden.npz")

    def test_json_in_a_folder_that_is_not_there(self, run: Run, tmp_path: Path) -> None:
        target = tmp_path / "a" / "b.json"
        result = run(REFERENCE, "--data", "digits", "--task", "threshold", "--json", target)
        assert_usage_error(result, "b.json")

    def test_sandbox_require_never_grades_with_less(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        target = tmp_path / "record.json"
        result = run(
            copy_reference(), "--data", "digits", "--task", "threshold",
            "--sandbox", "require", "--json", target,
        )  # fmt: skip
        if result.exit_code == 0:
            assert load_strict(target.read_text(encoding="utf-8"))["sandbox"] == "bwrap"
        else:
            assert_usage_error(result, "--sandbox require", "bwrap")
            assert not target.exists()


def test_json_that_is_a_folder_is_one_line(run: Run, tmp_path: Path) -> None:
    result = run(REFERENCE, "--data", "digits", "--task", "threshold", "--json", tmp_path)
    assert result.exit_code == 2
    assert [tmp_path.name in line for line in result.stderr.splitlines()].count(True) == 1
    assert not list(tmp_path.iterdir()), "the temporary file was left behind"


class TestBrokenModules:
    """A module that cannot be loaded costs its own task; the others are graded as ever."""

    def test_each_in_its_own_way(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        folder = copy_reference(
            autoencoder="raise ValueError('boom at import')\n",
            classifier="import os\nos._exit(0)\n",
            contrastive="def contrastive_loss(:\n",
            evaluation=None,
        )
        data = graded(run, folder, *task_options(*CODE_TASKS))
        assert data["status"] == "graded"
        assert data["score"] == 15
        assert_all(data, "autoencoder", "error", "autoencoder.py", "boom at import")
        assert_all(data, "classifier", "crashed", "classifier.py", "exit code 0")
        assert_all(data, "contrastive", "error", "SyntaxError", "contrastive.py:1")
        assert_all(data, "evaluation", "error", "evaluation.py is missing")
        assert_all(data, "threshold", "passed")
        assert any("missing: evaluation.py" in note for note in data["notes"])

    @pytest.mark.slow
    def test_each_in_another_way(
        self,
        run: Run,
        copy_reference: Callable[..., Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        rubric = load_rubric()
        limits = dataclasses.replace(rubric.limits, cpu_s=1.0)
        monkeypatch.setattr(
            grading, "load_rubric", lambda: dataclasses.replace(rubric, limits=limits)
        )
        folder = copy_reference(
            autoencoder="while True:\n    pass\n",
            classifier="import sys\nsys.exit(0)\n",
            contrastive="contrastive_loss = 3\n",
            threshold="from .nowhere import thing\n",
        )
        data = graded(run, folder, *task_options(*CODE_TASKS))
        assert_all(data, "autoencoder", "timeout", "autoencoder.py", "1 s")
        assert_all(data, "classifier", "error", "classifier.py", "SystemExit")
        assert_all(data, "contrastive", "error", "defines no contrastive_loss")
        assert_all(data, "threshold", "error", "threshold.py", "nowhere")
        assert_all(data, "evaluation", "passed")

    @pytest.mark.slow
    def test_accuracy_is_skipped_without_what_it_needs(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        folder = copy_reference(threshold="raise ValueError\n", autoencoder="import nowhere\n")
        data = graded(run, folder, *task_options("autoencoder", "threshold", "accuracy"))
        assert_all(data, "accuracy", "skipped", "Autoencoder", "Adaptive threshold")
        assert data["score"] == 0

    def test_text_that_no_terminal_or_file_can_hold(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        folder = copy_reference(contrastive=r"raise ValueError('half a pair \ud800 \x1b[2J')")
        data = graded(run, folder, "--task", "contrastive")
        assert_all(data, "contrastive", "error", "half a pair")
        assert "\x1b" not in checks_of(data, "contrastive")[0]["message"]


class TestWeights:
    """Weights that cannot be used are the student's fault, said in their words."""

    def test_garbage(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        data = graded(run, copy_reference(weights=b"\x80\x04 a pickle"), "--task", "accuracy")
        assert_all(data, "accuracy", "error", "weights.safetensors", "no safetensors file")

    def test_of_another_architecture(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        other = safetensors.numpy.save({"fc1.weight": np.zeros((3, 3), np.float32)})
        data = graded(run, copy_reference(weights=other), "--task", "accuracy")
        assert_all(data, "accuracy", "error", "weights.safetensors", "does not fit")

    def test_none_and_no_training(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        data = graded(run, copy_reference(), "--task", "accuracy", "--train", "never")
        assert_all(data, "accuracy", "not_implemented", "assignment.train")


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("stubs") / "record.json"
    arguments = ["grade", str(ROOT / "assignment"), "--data", "digits", "--json", str(target)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "fill in task 1" in result.stdout
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


# Untrained and tiny: the weights are zeros, so every image gets the digit 0.
TINY = {
    "autoencoder": """
        import torch
        from torch import nn

        class Autoencoder(nn.Module):
            def __init__(self, latent_dim=32):
                super().__init__()
                self.scale = nn.Parameter(torch.zeros(1))

            def forward(self, images):
                return images * self.scale, images.flatten(1)[:, :32]
    """,
    "classifier": """
        import torch
        from torch import nn

        class Classifier(nn.Module):
            def __init__(self, num_classes=10, embedding_dim=64):
                super().__init__()
                self.head = nn.Linear(784, 10, bias=False)

            def forward(self, images):
                # HERE
                return self.head(images.flatten(1)), images.flatten(1)[:, :64]
    """,
}
ZEROS = safetensors.numpy.save(
    {
        "autoencoder.scale": np.zeros(1, np.float32),
        "classifier.head.weight": np.zeros((10, 784), np.float32),
        "threshold": np.array(np.inf, np.float32),
    }
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hidden") / "hidden.npz"
    known, unknowns = make_hidden("digits", Path(os.devnull), 5, known=60, per_family=30)
    write_bundle(path, known, unknowns, profile="digits")
    return path


class TestHiddenData:
    """A student reads which kind of image loses points; figures stay in the record's metrics."""

    def grade(self, run: Run, folder: Path, *options: str | Path) -> list[dict[str, Any]]:
        data = graded(run, folder, "--task", "accuracy", "--train", "never", *map(str, options))
        self.data = data
        return checks_of(data, "accuracy")

    def test_category_and_hint(
        self, run: Run, copy_reference: Callable[..., Path], bundle: Path
    ) -> None:
        modules = {name: dedent(text) for name, text in TINY.items()}
        folder = copy_reference(weights=ZEROS, **modules)
        hidden = self.grade(run, folder, "--hints", "3", "--hidden", bundle)
        assert self.data["metrics"]["unknown_accuracy"] == 0
        assert set(self.data["metrics"]["per_family"]) > {"letters"}
        assert self.data["not_run"] == list(CODE_TASKS)
        for entry, check in zip(load_rubric().task("accuracy").checks, hidden, strict=True):
            assert (check["visibility"], check["status"]) == ("hidden", "failed")
            assert "lose points" in check["message"]
            assert not re.search(r"\d|%|letters|photographs|noise", check["message"])
            assert check["hint"] == "\n".join(entry.hints)

    def test_what_an_exception_says_of_them(
        self, run: Run, copy_reference: Callable[..., Path], bundle: Path
    ) -> None:
        modules = {name: dedent(text) for name, text in TINY.items()}
        telling = "raise ValueError(f'mean {images.mean()}')"
        modules["classifier"] = modules["classifier"].replace("# HERE", telling)
        folder = copy_reference(weights=ZEROS, **modules)
        for check in self.grade(run, folder, "--hidden", bundle):
            assert check["status"] == "error"
            assert "hidden images" in check["message"]
            assert "mean" not in check["message"]


class TestHints:
    """`--hints 0..3`."""

    @pytest.mark.parametrize("count", [None, 0, 3])
    def test_as_many_as_asked_for(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path, count: int | None
    ) -> None:
        text = (REFERENCE / "threshold.py").read_text(encoding="utf-8")
        folder = copy_reference(threshold=text.replace("correction=1", "correction=0"))
        target = tmp_path / "record.json"
        options = () if count is None else ("--hints", str(count))
        result = run(folder, "--data", "digits", "--task", "threshold", "--json", target, *options)
        assert result.exit_code == 0
        data = load_strict(target.read_text(encoding="utf-8"))
        (lost,) = [c for c in checks_of(data, "threshold") if c["status"] != "passed"]
        entry = load_rubric().task("threshold").checks[2]
        assert lost["id"] == entry.id
        expected = entry.hints[: 1 if count is None else count]
        assert lost["hint"] == "\n".join(expected)
        shown = [line.strip() for line in result.stdout.splitlines() if "hint: " in line]
        assert shown == [f"hint: {hint}" for hint in expected]
        last = result.stdout.splitlines()[-1]
        assert last.startswith("Not run here: autoencoder")
        assert last.endswith("hidden test data.")

    @pytest.mark.parametrize("count", ["-1", "4", "all"])
    def test_other_numbers(self, run: Run, count: str) -> None:
        assert_usage_error(run(REFERENCE, "--hints", count), "--hints")


class TestReference:
    """The reference goes through the same door."""

    def test_code_tasks_earn_all_points(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        data = graded(run, copy_reference(), *task_options(*CODE_TASKS))
        assert (data["score"], data["max_score"]) == (80, 80)

    @pytest.mark.slow
    def test_archives_and_folder_get_one_record(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        folder = copy_reference()
        with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
            for file in folder.iterdir():
                archive.write(file, f"someone/assignment/{file.name}")
        with tarfile.open(tmp_path / "packed.tar.gz", "w:gz") as archive:
            archive.add(folder, "work")
        records = [
            graded(run, path, "--task", "contrastive")
            for path in (folder, tmp_path / "packed.zip", tmp_path / "packed.tar.gz")
        ]
        assert len({record["submission"]["sha256"] for record in records}) == 1
        assert len({record["environment"]["seed"] for record in records}) == 1
        assert [record["score"] for record in records] == [20, 20, 20]

    def test_passed_checks_carry_no_hint(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        data = graded(run, copy_reference(), "--task", "threshold")
        assert all(check["hint"] == "" for check in checks_of(data, "threshold"))

    @pytest.mark.parametrize(("percent", "code"), [("0", 0), ("53.3", 0), ("53.4", 1), ("100", 1)])
    def test_fail_under(
        self, run: Run, copy_reference: Callable[..., Path], percent: str, code: int
    ) -> None:
        """Eight points of fifteen, 53.3 %: divided by n, and equality is rejected."""
        text = (REFERENCE / "threshold.py").read_text(encoding="utf-8")
        text = text.replace("correction=1", "correction=0").replace("errors > thr", "errors >= thr")
        folder = copy_reference(threshold=text)
        options = ("--data", "digits", "--task", "threshold", "--fail-under", percent)
        assert run(folder, *options).exit_code == code

    @pytest.mark.slow
    def test_grading_twice_gives_the_same_record(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        """With the training: full marks, and nothing differs but times."""
        folder = copy_reference()
        first, second = graded(run, folder), graded(run, folder)
        assert first["score"] == 100, checks_of(first, "accuracy")
        assert first["training"]["cpu_s"] > 0
        assert without_times(first) == without_times(second)

    @pytest.mark.slow
    def test_weights_from_the_students_own_training(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        """`python -m assignment.train` in a student's folder, then graded without training."""
        work = tmp_path / "work"
        shutil.copytree(ROOT / "assignment", work / "assignment")
        for file in REFERENCE.glob("*.py"):
            shutil.copy(file, work / "assignment" / file.name)
        command = [sys.executable, "-m", "assignment.train", "--data", "digits"]
        subprocess.run(
            command, cwd=work, env={**os.environ, "PYTHONPATH": f"{work}:{ROOT}"}, check=True,
            capture_output=True,
        )  # fmt: skip
        assert (work / "assignment" / "weights.safetensors").is_file()
        data = graded(run, work / "assignment", "--train", "never")
        assert data["score"] == 100, checks_of(data, "accuracy")
        assert data["training"] is None


def without_times(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what differs from run to run."""
    tasks = [
        {**task, "checks": [{**check, "duration_s": 0} for check in task["checks"]]}
        for task in record["tasks"]
    ]
    return {**record, "tasks": tasks, "started_at": "", "duration_s": 0, "training": None}


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
