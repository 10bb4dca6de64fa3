"""`python -m grader export|show|adjust|changes`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.gradebook import Gradebook
from tests.grader.gradebook.builders import make_grade, make_record

Run = Callable[..., Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two batches: Ada's mark changed, Bob's did not, Cy came late, the grader failed Dan."""
    path = tmp_path / "marks.sqlite"
    times = iter([f"2026-01-0{day}T00:00:00Z" for day in (1, 1, 2, 2, 3, 3, 3)])
    lower = make_record({"accuracy.known": 4.5})
    with Gradebook(path, clock=lambda: next(times)) as book:
        book.add(make_grade("ada", name="Ada Lovelace", record=lower))
        book.add(make_grade("bob", name="Bob"))
    with Gradebook(path, clock=lambda: next(times)) as book:
        book.add(make_grade("ada", "w2", name="Ada Lovelace"))
        book.add(make_grade("cy"))
        book.add(make_grade("dan", record=make_record(status="grader_error")))
    return path


@pytest.fixture
def run(path: Path) -> Run:
    def call(*arguments: str | Path, code: int = 0) -> Any:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        if code:
            assert result.stderr.startswith("error: ")
            assert result.stderr.count("\n") == 1
        return result

    return call


def test_changes_since_the_last_batch(run: Run, path: Path):
    text = run("changes", "--gradebook", path).stdout
    assert "1 of 2 students changed" in text
    assert "first time: cy, dan" in text
    assert "Ada Lovelace (ada): 19.5 → 35 (+15.5), because the work changed" in text
    assert "accuracy.known: partial 4.5 → passed 20" in text


@pytest.mark.parametrize("since", ["2", "2026-01-01", "2026-01-01T12:00", "2026-01-01T02:00+01:00"])
def test_changes_since_a_grade_or_a_time(run: Run, path: Path, since: str):
    assert "1 of 2 students changed" in run("changes", "--gradebook", path, "--since", since).stdout


def test_changes_since_now(run: Run, path: Path):
    text = run("changes", "--gradebook", path, "--since", "2026-06-01").stdout
    assert "0 of 4 students changed" in text


@pytest.mark.parametrize("since", ["99", "yesterday", "-1", "٣"])
def test_changes_since_nothing(run: Run, path: Path, since: str):
    assert "--since" in run("changes", "--gradebook", path, "--since", since, code=2).stderr


@pytest.mark.parametrize("who", ["ada", "ADA", "ada lovelace"])
def test_show(run: Run, path: Path, who: str):
    text = run("show", who, "--gradebook", path).stdout
    assert text.startswith("Ada Lovelace (ada): 35 / 35")
    assert "1  2026-01-01 00:00:00  19.5 / 35  ada.zip\n" in text
    assert "3  2026-01-02 00:00:00  35 / 35  ada.zip  (counts)" in text


def test_show_names_lost_checks_and_what_is_not_final(run: Run, path: Path):
    text = run("show", "dan", "--gradebook", path).stdout
    assert "dan: — / 35" in text
    assert "not final: the grader itself failed" in text
    assert "grader_error, 0 / 10: Title of threshold.statistics" in text
    assert "(counts)" not in text


def test_show_a_submission_that_could_not_be_opened(run: Run, path: Path):
    with Gradebook(path) as book:
        record = make_record({"threshold.strict": 0.0}) | {"notes": ["damaged; pack it again"]}
        for check in record["tasks"][0]["checks"]:
            check["message"] = "damaged; pack it again"
        book.add(make_grade("eve", record=record | {"status": "unusable"}))
    text = run("show", "eve", "--gradebook", path).stdout
    assert "no mark: the submission could not be opened" in text
    assert text.count("damaged; pack it again") == 1  # not once a check
    assert "unusable  eve.zip" in text


def test_show_an_unknown_student_names_the_nearest(run: Run, path: Path):
    assert "did you mean ada, dan?" in run("show", "adda", "--gradebook", path, code=2).stderr
    assert "did you mean ada?" in run("show", "lovelace", "--gradebook", path, code=2).stderr
    assert "it has 4 students" in run("show", "zzzzzz", "--gradebook", path, code=2).stderr


def test_show_prints_nothing_a_terminal_obeys(run: Run, path: Path):
    record = make_record({"threshold.strict": 0.0})
    record["tasks"][0]["checks"][1]["message"] = "\x1b[2J\n::error::"
    with Gradebook(path) as book:
        book.add(
            make_grade("eve", "w5", name="\x1b]0;x\x07", record=record | {"flags": ["\x1b[1m"]})
        )
    text = run("show", "eve", "--gradebook", path).stdout
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\n::" not in text


def test_adjust_beside_the_mark_and_back(run: Run, path: Path):
    say = ("--gradebook", path, "--reason", "two days late", "--by", "Kim")
    assert "final score 25, automatic mark 35" in run("adjust", "ada", "-10", *say).stdout
    text = run("show", "ada", "--gradebook", path).stdout
    assert text.startswith("Ada Lovelace (ada): 25 / 35")
    assert "automatic mark 35; add -10" in text
    assert "by Kim): two days late" in text
    assert "final score 40" in run("adjust", "ada", "+5", *say).stdout
    assert "final score 0" in run("adjust", "ada", "0", *say).stdout
    assert "final score 35" in run("adjust", "ada", "--undo", "--gradebook", path).stdout
    assert run("show", "ada", "--gradebook", path).stdout.count("two days late") == 3
    assert "no adjustment" in run("adjust", "ada", "--undo", "--gradebook", path, code=2).stderr


def test_adjust_above_the_full_mark_is_said(run: Run, path: Path):
    say = ("--gradebook", path, "--reason", "an extra task")
    assert "mark 35; above the full mark, 35" in run("adjust", "ada", "40", *say).stdout
    assert "above" not in run("adjust", "ada", "35", *say).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ada", "5"), "--reason"),
        (("ada", "--reason", "x"), "POINTS"),
        (("ada", "many", "--reason", "x"), "POINTS"),
        (("ada", "nan", "--reason", "x"), "POINTS"),
        (("ada", "5", "--undo"), "leave out the points"),
        (("nobody", "5", "--reason", "x"), "no student"),
        (("ada", "5", "--raeson", "x"), "--help"),
    ],
)
def test_adjust_wrongly(run: Run, path: Path, arguments: tuple[str, ...], words: str):
    before = path.read_bytes()
    assert words in run("adjust", *arguments, "--gradebook", path, code=2).stderr
    assert path.read_bytes() == before


def test_export_to_a_file_and_to_the_terminal(run: Run, path: Path, tmp_path: Path):
    printed = run("export", path, "--to", "csv").stdout
    run("export", path, "--to", "csv", "-o", tmp_path / "marks.csv")
    assert (tmp_path / "marks.csv").read_text() == printed
    grades = json.loads(run("export", path, "--to", "json").stdout)["grades"]
    assert [grade["student"] for grade in grades] == ["ada", "bob", "cy", "dan"]


def test_export_into_the_file_of_the_lms(run: Run, path: Path, tmp_path: Path):
    template = tmp_path / "canvas.csv"
    template.write_text("Student,ID,SIS Login ID,Lab (1)\nPoints Possible,,,70\nA,1,ada,\nZ,2,z,\n")
    before = template.read_bytes()
    result = run(
        "export", path, "--to", "canvas", "--template", template, "-o", tmp_path / "out.csv"
    )
    assert (tmp_path / "out.csv").read_text() == before.decode().replace("ada,", "ada,70.00")
    assert "in the file and not in the gradebook (1): Z (2, z)" in result.stderr
    assert "in the gradebook and not in the file (3): Bob (bob); cy; dan" in result.stderr
    assert "that is the file to read" in run(
        "export", path, "--to", "canvas", "--template", template, "-o", template, code=2
    ).stderr  # fmt: skip
    assert template.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "canvas"), "--template"),
        (("--to", "moodle"), "--template"),
        (("--to", "csv", "--template", "x.csv"), "leave --template out"),
        (("--to", "canvas", "--template", "none.csv"), "cannot be read"),
        (("--to", "excel"), "--help"),
        (("--to", "csv", "-o", "none/marks.csv"), "cannot be written"),
    ],
)
def test_export_wrongly(run: Run, path: Path, arguments: tuple[str, ...], words: str):
    assert words in run("export", path, *arguments, code=2).stderr


def test_export_never_overwrites_the_gradebook(run: Run, path: Path):
    assert "file to read" in run("export", path, "--to", "csv", "-o", path, code=2).stderr


@pytest.mark.parametrize("command", [("export", "--to", "csv"), ("show", "x"), ("changes",)])
def test_no_command_makes_a_gradebook_by_mistake(
    run: Run, tmp_path: Path, command: tuple[str, ...]
):
    named = [tmp_path / "none.sqlite"] if command[0] == "export" else []
    option = [] if named else ["--gradebook", tmp_path / "none.sqlite"]
    assert "no such gradebook" in run(command[0], *named, *command[1:], *option, code=2).stderr
    assert not (tmp_path / "none.sqlite").exists()


def test_their_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom grader.cli import app\n"
        "for name in ('export', 'show', 'adjust', 'changes'):\n"
        "    assert CliRunner().invoke(app, [name, '--help']).exit_code == 0\n"
        "print([name for name in ('sqlite3', 'torch', 'pytest') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
