"""A gradebook of an older version is brought forward whole, and a copy of it kept."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.gradebook import Gradebook, opening
from grader.gradebook.schema import APPLICATION_ID, MIGRATIONS, VERSION
from tests.grader.gradebook.builders import make_grade, make_record


def old_gradebook(path: Path, students: int = 3) -> Path:
    """One of version 1, as the first release wrote it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        for number in range(students):
            connection.execute(
                "INSERT INTO grades (student, name, attempt, source, submission, grader, data,"
                " final, record, graded_at) VALUES (?, '', '', 'x', 'w', 'g', 'd', 1, ?, ?)",
                (f"s{number}", json.dumps(make_record()), "2026-01-01T00:00:00Z"),
            )
    return path


def version_of(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def schema_of(path: Path) -> set[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("SELECT type, name FROM sqlite_master"))


def test_it_keeps_every_grade_and_can_do_what_a_new_one_can(tmp_path: Path):
    path = old_gradebook(tmp_path / "marks.sqlite")
    with Gradebook(path, create=False) as book:
        assert [(g.student, g.final_score, g.run) for g in book.current()] == [
            ("s0", 35.0, 0), ("s1", 35.0, 0), ("s2", 35.0, 0),
        ]  # fmt: skip
        book.adjust("s1", 5, relative=True, reason="bonus")
        book.add(make_grade("s2", "w9"))
        assert book.history("s2")[-1].run == 1
    Gradebook(tmp_path / "new.sqlite").close()
    assert version_of(path) == VERSION
    assert schema_of(path) == schema_of(tmp_path / "new.sqlite")


def test_a_copy_from_before_is_beside_it(tmp_path: Path):
    path = old_gradebook(tmp_path / "marks.sqlite")
    Gradebook(path).close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["marks.sqlite", "marks.sqlite.v1"]
    copy = tmp_path / "marks.sqlite.v1"
    assert version_of(copy) == 1
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM grades").fetchone() == (3,)
    with Gradebook(copy) as book:  # which is a gradebook itself
        assert len(book.current()) == 3


def test_the_copy_has_what_was_only_in_the_journal(tmp_path: Path):
    path = old_gradebook(tmp_path / "marks.sqlite", students=0)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("INSERT INTO grades SELECT 1, 'ada', '', '', '', 'w', 'g', 'd', 1, '{}', ''")
        Gradebook(path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "marks.sqlite.v1")) as copy:
        assert copy.execute("SELECT student FROM grades").fetchall() == [("ada",)]


def test_no_copy_is_ever_overwritten(tmp_path: Path):
    path = old_gradebook(tmp_path / "marks.sqlite")
    (tmp_path / "marks.sqlite.v1").write_text("mine")
    Gradebook(path).close()
    assert (tmp_path / "marks.sqlite.v1").read_text() == "mine"
    assert version_of(tmp_path / "marks.sqlite.v1.2") == 1


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = old_gradebook(tmp_path / "marks.sqlite")
    before = path.read_bytes()
    broken = (MIGRATIONS[0], (*MIGRATIONS[1], "INSERT INTO missing VALUES (1)"))
    monkeypatch.setattr(opening, "MIGRATIONS", broken)
    with pytest.raises(UsageError, match="no such table"):
        Gradebook(path)
    assert path.read_bytes() == before
    monkeypatch.undo()
    with Gradebook(path) as book:
        assert len(book.current()) == 3


def test_a_copy_that_cannot_be_made_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = old_gradebook(tmp_path / "marks.sqlite")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(opening, "_copy", full)
    with pytest.raises(UsageError, match="No space left"):
        Gradebook(path)
    assert version_of(path) == 1


def test_this_version_is_left_alone(tmp_path: Path):
    path = tmp_path / "marks.sqlite"
    Gradebook(path).close()
    before = path.read_bytes()
    Gradebook(path).close()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
