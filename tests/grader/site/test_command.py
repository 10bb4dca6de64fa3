"""`python -m grader report`."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.gradebook import Gradebook
from tests.grader.site.made_up import fill, made_up_class

SALT = "a secret of no less than 16"


def run(*arguments: str | Path, code: int = 0, env: dict[str, str] | None = None) -> Any:
    result = CliRunner().invoke(app, ["report", *map(str, arguments)], env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    if code:
        assert result.stderr.startswith("error: ")
        assert result.stderr.count("\n") == 1
    return result


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return fill(tmp_path / "marks.sqlite", made_up_class(12))


def test_site_is_made_and_made_again(book: Path, tmp_path: Path) -> None:
    for _ in range(2):
        result = run(book, "-o", tmp_path / "site")
        assert "12 students" in result.stderr
        assert "keep it from students" in result.stderr
        assert "Confidential" in (tmp_path / "site" / "index.html").read_text("utf-8")
        assert len(list((tmp_path / "site" / "reports").iterdir())) == 12
    assert not (tmp_path / "site" / "leaderboard.html").exists()


def test_reports_are_each_students_own(book: Path, tmp_path: Path) -> None:
    run(book, "-o", tmp_path / "site")
    with Gradebook(book) as opened:
        grade = next(g for g in opened.current() if g.score is not None)
    page = next((tmp_path / "site" / "reports").glob(f"{grade.student}*")).read_text("utf-8")
    assert f"{grade.score:g}" in page


def test_salt_makes_the_same_pseudonyms_again(book: Path, tmp_path: Path) -> None:
    made = []
    for arguments, env in (
        (("--salt", SALT), {}), ((), {"OSR_SALT": SALT}), (("--salt", SALT + "x"), {}),
        ((), {}), ((), {}),
    ):  # fmt: skip
        run(book, "-o", tmp_path / "site", "--leaderboard", *arguments, env=env)
        made.append((tmp_path / "site" / "leaderboard.html").read_text("utf-8"))
        for file in (tmp_path / "site").rglob("*"):
            assert not file.is_file() or SALT.encode() not in file.read_bytes()
    assert made[0] == made[1]
    assert len(set(made)) == 4


def test_pairs_of_a_report_become_flags(book: Path, tmp_path: Path) -> None:
    side = {"is_reference": False, "share": 0.9, "own_tokens": 900}
    pair = {
        "left": {"name": "s1000", **side}, "right": {"name": "s1001", **side}, "longest_run": 300,
    }  # fmt: skip
    (tmp_path / "r.json").write_text(json.dumps({"schema": "osr-similarity/1", "pairs": [pair]}))
    run(book, "-o", tmp_path / "site", "--similarity", tmp_path / "r.json")
    page = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert "shares 90 % of its own code with s1001" in page


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--salt", SALT), "--salt goes with --leaderboard"),
        (("--leaderboard", "--salt", "short"), "16 characters"),
        (("--similarity", "none.json"), "cannot be read"),
        (("--reports", "none"), "no such folder"),
    ],
)
def test_wrong_options_are_one_line(
    book: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in run(book, "-o", tmp_path / "site", *arguments, code=2).stderr
    assert not (tmp_path / "site").exists()


def test_hidden_figures_are_on_no_leaderboard(tmp_path: Path) -> None:
    book = fill(tmp_path / "b.sqlite", made_up_class(3, tier="hidden"))
    result = run(book, "-o", tmp_path / "site", "--leaderboard", code=2)
    assert "hidden data" in result.stderr
    assert not (tmp_path / "site").exists()


def test_foreign_folder_is_left_alone(book: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "notes.txt").write_text("mine")
    assert "no site of this command" in run(book, "-o", tmp_path / "site", code=2).stderr
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["notes.txt"]


class TestGradebook:
    def test_empty(self, tmp_path: Path) -> None:
        book = fill(tmp_path / "b.sqlite", [])
        assert "no grades are in it yet" in run(book, "-o", tmp_path / "s", code=2).stderr

    def test_missing_is_not_made(self, tmp_path: Path) -> None:
        assert "no such gradebook" in run(tmp_path / "b", "-o", tmp_path / "s", code=2).stderr
        assert list(tmp_path.iterdir()) == []

    def test_foreign(self, tmp_path: Path) -> None:
        (tmp_path / "text").write_text("a,b,c\n" * 100)
        sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE a (b)").connection.close()
        for name in ("text", "other.sqlite"):
            result = run(tmp_path / name, "-o", tmp_path / "s", code=2)
            assert "it is no gradebook" in result.stderr

    def test_damaged_leaves_the_earlier_site(self, book: Path, tmp_path: Path) -> None:
        run(book, "-o", tmp_path / "site")
        before = (tmp_path / "site" / "index.html").read_bytes()
        book.write_bytes(book.read_bytes()[:-4096])
        assert "damaged" in run(book, "-o", tmp_path / "site", code=2).stderr
        assert (tmp_path / "site" / "index.html").read_bytes() == before

    def test_is_only_read(self, book: Path, tmp_path: Path) -> None:
        before = book.read_bytes()
        run(book, "-o", tmp_path / "site", "--leaderboard")
        assert book.read_bytes() == before


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom grader.cli import app\n"
        "assert CliRunner().invoke(app, ['report', '--help']).exit_code == 0\n"
        "print([n for n in ('sqlite3', 'torch', 'jinja2') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
