"""`python -m grader stats`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.gradebook import Gradebook
from tests.grader.statistics.records import check, new_grade, record, with_sha

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, ["stats", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def book(path: Path, *grades: Any) -> Path:
    with Gradebook(path) as made:
        for grade in grades:
            made.add(grade)
    return path


def test_class_is_printed_written_and_drawn(tmp_path: Path) -> None:
    path = book(
        tmp_path / "b.sqlite",
        new_grade("ann", record(data="mnist", **with_sha("1"))),
        new_grade("bob", record(check("a", "failed", 0, "it is 3"), data="mnist")),
        new_grade("cid", record(status="unusable", metrics=None)),
        new_grade("dan", record(check("a", "grader_error", 0, "KeyError"), status="grader_error")),
    )
    result = run(path, "--json", tmp_path / "s.json", "--plot", tmp_path / "s.png")
    assert result.exit_code == 0
    for words in ("4 students: 2 graded; 1 unreadable", "1 of 1: it is #", "system a", "KeyError",
                  "unknown images of their authors' own choice"):  # fmt: skip
        assert words in result.output
    assert (tmp_path / "s.png").read_bytes().startswith(PNG)
    assert json.loads((tmp_path / "s.json").read_text())["grades"]["whole"] == 2


def test_one_student_is_a_class(tmp_path: Path) -> None:
    result = run(book(tmp_path / "b", new_grade("a", record())), "--plot", tmp_path / "s.png")
    assert result.exit_code == 0
    assert "1 student: 1 graded." in result.output
    assert "Flags: none." in result.output


def test_ungraded_class_is_said_and_drawn(tmp_path: Path) -> None:
    bad = record(check("a", "grader_error", 0, "boom"), status="grader_error", metrics=None)
    result = run(book(tmp_path / "b", new_grade("a", bad)), "--plot", tmp_path / "s.png")
    assert result.exit_code == 0
    assert "Nothing is graded yet" in result.output
    assert "threshold.a: boom" in result.output
    assert (tmp_path / "s.png").read_bytes().startswith(PNG)


def test_empty_gradebook_is_one_line(tmp_path: Path) -> None:
    result = run(book(tmp_path / "b"))
    assert result.exit_code == 2
    assert "no grades are in it yet" in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_no_gradebook_is_not_made(tmp_path: Path) -> None:
    result = run(tmp_path / "b")
    assert result.exit_code == 2
    assert not (tmp_path / "b").exists()


def test_picture_that_is_no_png_is_refused_before_the_work(tmp_path: Path) -> None:
    result = run(tmp_path / "b", "--plot", tmp_path / "s.pdf")
    assert result.exit_code == 2
    assert ".png" in result.output


def test_pairs_of_a_report_become_flags(tmp_path: Path) -> None:
    side = {"is_reference": False, "share": 0.9, "own_tokens": 900}
    report = {"schema": "osr-similarity/1", "pairs": [
        {"left": {"name": "ann", **side}, "right": {"name": "bob.zip", **side}, "longest_run": 300},
    ]}  # fmt: skip
    (tmp_path / "r.json").write_text(json.dumps(report))
    path = book(tmp_path / "b", new_grade("ann", record()))
    result = run(path, "--similarity", tmp_path / "r.json")
    assert "shares 90 % of its own code with bob.zip" in result.output


def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    bad = check("a", "error", 0, "\x1b[2J[bold]x[/nothing]\r")
    path = book(tmp_path / "b", new_grade("a\x1b]0;t\x07", record(bad), "[red]Ann"))
    result = run(path, "--plot", tmp_path / "s.png")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    assert "[bold]x[/nothing]" in result.output
