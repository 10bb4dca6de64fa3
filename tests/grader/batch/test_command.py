"""`python -m grader batch` from the outside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.gradebook import Gradebook
from grader.submission import MODULES
from tests.grader.batch.folders import as_folder
from tests.grader.batch.test_cluster import a_class, batch, children, outcome, psutil, timeless
from tests.grader.tiny import TINY, ZEROS, write_tiny_bundle

ROOT = Path(__file__).parents[3]
PATIENCE_S = 120.0


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["batch", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--resume", "--regrade", "all"], "contradict each other"),
        (["--scheduler", "tcp://x:1", "--cluster", "slurm"], "exclude each other"),
        (["--cluster-options", "x.toml"], "goes with --cluster"),
        (["--workers", "2"], "--workers goes with --cluster"),
        (["--scheduler", "tcp://x:1", "--jobs", "2"], "--jobs is for this machine"),
        (["--scheduler", "localhost"], "name machine and port"),
        (["--layout", "blackboard"], "--layout"),
        (["--jobs", "-1"], "--jobs"),
        (["--task", "nonsense"], "no such task"),
        (["--only", "nobody"], "nobody has that id or name"),
        (["--hidden", "gone.npz"], "gone.npz"),
        (["--data", "digits", "--layout", "gradescope"], "no submission_metadata"),
    ],
)
def test_wrong_usage_is_one_line_and_makes_no_gradebook(
    tmp_path: Path, options: list[str], says: str
) -> None:
    as_folder(tmp_path / "class" / "ada", "a")
    code, said = run(tmp_path / "class", "--gradebook", tmp_path / "g.sqlite", *options)
    assert code == 2
    assert says in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "g.sqlite").exists()


def test_a_class_of_unusable_work_needs_no_grading_and_ends_with_0(tmp_path: Path) -> None:
    for name in ("ada", "bob\x1b[2J[bold]"):
        (tmp_path / "class" / name).mkdir(parents=True)
    command = (tmp_path / "class", "--gradebook", tmp_path / "g.sqlite", "--data", "digits")
    code, said = run(*command)
    assert code == 0
    assert "layout plain: 2 students" in said
    assert "2 unusable" in said
    assert "\x1b[2J" not in said
    assert "[bold]" in said
    assert run(*command)[0] == 0
    with Gradebook(tmp_path / "g.sqlite") as book:
        assert len(book.history()) == 2


def test_two_students_with_one_id_are_said_and_end_with_2(tmp_path: Path) -> None:
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada.zip").write_bytes(b"")
    code, said = run(tmp_path / "class", "--gradebook", tmp_path / "g.sqlite", "--data", "digits")
    assert code == 2
    assert said.count("refused ada") == 2


def test_grades_of_a_task_and_of_all_do_not_go_into_one_gradebook(tmp_path: Path) -> None:
    (tmp_path / "class" / "ada").mkdir(parents=True)
    command = (tmp_path / "class", "--gradebook", tmp_path / "g.sqlite", "--data", "digits")
    assert run(*command)[0] == 0
    code, said = run(*command, "--task", "threshold")
    assert code == 2
    assert "need a gradebook of their own" in said


@pytest.mark.slow
def test_a_batch_that_is_killed_and_interrupted_ends_as_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    folder = a_class(tmp_path / "class", 5)
    calm, book = tmp_path / "calm.sqlite", tmp_path / "grades.sqlite"
    undisturbed = batch(folder, calm)
    said, _ = undisturbed.communicate(timeout=PATIENCE_S)
    assert undisturbed.returncode == 0, said
    for number, code in (
        (signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130), (signal.SIGTERM, 130),
    ):  # fmt: skip
        process = batch(folder, book)
        assert process.stdout is not None
        for line in process.stdout:  # after the first of this run that is graded
            if "graded" in line:
                break
        below = children(psutil.Process(process.pid))
        process.send_signal(number)
        said, _ = process.communicate(timeout=PATIENCE_S)
        if process.returncode == code == 130:
            assert "goes on with the rest" in said
        assert process.returncode in (code, 0), said
        _, alive = psutil.wait_procs(below, PATIENCE_S)
        assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    last = batch(folder, book)
    said, _ = last.communicate(timeout=PATIENCE_S)
    assert last.returncode == 0, said
    assert outcome(book) == outcome(calm)
    with Gradebook(book) as opened:
        assert len(opened.history()) == 6


@pytest.mark.slow
def test_a_batch_grades_as_grade_does_on_hidden_data_too(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "hidden.npz")
    work = tmp_path / "class" / "tiny"
    work.mkdir(parents=True)
    for name in MODULES:
        given = (ROOT / "solutions" / "reference" / f"{name}.py").read_text()
        (work / f"{name}.py").write_text(TINY.get(name, given))
    (work / "weights.safetensors").write_bytes(ZEROS)
    options = ["--hidden", str(bundle), "--data", "digits", "--task", "accuracy"]
    grade = [sys.executable, "-m", "grader", "grade", str(work), "--json", str(tmp_path / "r.json")]
    subprocess.run([*grade, *options], cwd=ROOT, check=True, capture_output=True)
    code, said = run(work.parent, "--gradebook", tmp_path / "g.sqlite", *options)
    assert code == 0, said
    with Gradebook(tmp_path / "g.sqlite") as book:
        (row,) = book.current()
    alone = json.loads((tmp_path / "r.json").read_text())
    assert timeless(row.record) == timeless(alone)
    assert row.record["metrics"] is not None


@pytest.mark.slow
def test_a_reader_that_goes_away_does_not_end_a_batch(tmp_path: Path) -> None:
    folder, book = a_class(tmp_path / "class", 2), tmp_path / "g.sqlite"
    process = batch(folder, book)
    assert process.stdout is not None
    process.stdout.close()
    process.wait(PATIENCE_S)
    assert len(outcome(book)) == 3
