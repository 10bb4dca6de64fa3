"""What is no gradebook, or cannot be used, is refused in one line and left to the last byte."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.gradebook.schema import VERSION
from tests.grader.gradebook.builders import make_grade, make_record


def refused(path: Path, words: str, **options: object) -> None:
    """It cannot be opened, and nothing in its folder is another afterwards."""
    before = snapshot(path.parent)
    with pytest.raises(UsageError, match=words) as error:
        Gradebook(path, patience_s=0.05, **options)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)
    assert str(path.name) in str(error.value)
    assert snapshot(path.parent) == before


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        path.name: path.read_bytes() if path.is_file() else None
        for path in folder.iterdir()
        if not path.name.endswith("-shm")  # an index in shared memory; it holds nothing
    }


def a_gradebook(path: Path, count: int = 20) -> Path:
    with Gradebook(path) as book:
        for number in range(count):
            book.add(make_grade(f"s{number:02}", record=make_record() | {"notes": ["x" * 3000]}))
    return path


def sqlite_file(path: Path, *statements: str) -> Path:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def test_no_file(tmp_path: Path):
    refused(tmp_path / "none.sqlite", "no such gradebook", create=False)


def test_no_folder(tmp_path: Path):
    path = tmp_path / "none" / "marks.sqlite"
    with pytest.raises(UsageError, match="folder is not there"):
        Gradebook(path)


def test_a_folder(tmp_path: Path):
    (tmp_path / "marks.sqlite").mkdir()
    refused(tmp_path / "marks.sqlite", "is a file, and this is none")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"student,grade\nada,100\n", "no SQLite file"),
        (b"SQLite format 3\0", "damaged"),
        (b"SQLite format 3\0" + bytes(84), "another program"),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, words: str):
    path = tmp_path / "marks.sqlite"
    path.write_bytes(content)
    refused(path, words)


def test_sqlite_of_another_program(tmp_path: Path):
    path = sqlite_file(
        tmp_path / "marks.sqlite", "CREATE TABLE grades (id)", "PRAGMA user_version = 1"
    )
    refused(path, "another program")


def test_a_newer_version(tmp_path: Path):
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    sqlite_file(path, f"PRAGMA user_version = {VERSION + 1}")
    refused(path, "newer")


def test_a_newer_version_that_is_only_in_the_journal_yet(tmp_path: Path):
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        assert path.read_bytes()[60:64] == VERSION.to_bytes(4, "big")
        refused(path, "newer")


def test_a_version_without_tables(tmp_path: Path):
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    sqlite_file(path, "PRAGMA user_version = 0")
    refused(path, "damaged")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file(tmp_path: Path, share: float):
    path = a_gradebook(tmp_path / "marks.sqlite")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refused(path, "damaged")


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_of_garbage(tmp_path: Path, page: int):
    path = a_gradebook(tmp_path / "marks.sqlite")
    content = bytearray(path.read_bytes())
    content[4096 * page : 4096 * (page + 1)] = b"\xa5" * 4096
    path.write_bytes(content)
    refused(path, "damaged")


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ((), "status"), ((), "tasks"), ((), "metrics"), ((), "reference"), ((), "sandbox"),
        (("submission",), "sha256"), (("tasks", 0), "title"), (("tasks", 1), "checks"),
        (("tasks", 1, "checks", 0), "message"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_there", [True, False])
def test_a_record_that_lacks_something(
    tmp_path: Path, place: tuple[str | int, ...], key: str, is_there: bool
):
    """SQLite finds such a file sound; what reads the grades would break off amid a page."""
    grade = make_grade(student="ada")
    table: Any = functools.reduce(lambda found, name: found[name], place, grade.record)
    kept = table.pop(key)
    if is_there:  # of another type
        table[key] = {} if isinstance(kept, list) else []
    path = tmp_path / "marks.sqlite"
    with Gradebook(path) as book:
        book.add(make_grade(student="bob"))
    text = json.dumps(grade.record)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO grades (student, name, attempt, source, submission, grader, data, final,"
            " record, graded_at) VALUES ('ada', '', '', '', 'w', 'g', 'd', 1, ?, '')", (text,),
        )  # fmt: skip
    with Gradebook(path) as book, pytest.raises(UsageError) as refusal:
        book.current()
    assert "grade 2, of ada: " in str(refusal.value)
    assert repr(key) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_record_of_garbage_is_said_when_it_is_read(tmp_path: Path):
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    path.write_bytes(path.read_bytes().replace(b'{"schema"', b'}"schema"'))
    with Gradebook(path) as book, pytest.raises(UsageError, match="record of grade 1"):
        book.current()


def test_what_is_left_of_a_lost_gradebook(tmp_path: Path):
    path = tmp_path / "marks.sqlite"
    path.with_name("marks.sqlite-wal").write_bytes(b"grades may be in here")
    refused(path, "may hold grades")


def test_another_program_writes(tmp_path: Path):
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        refused(path, "another program is writing")
        with Gradebook(path, writing=False, patience_s=0.05) as book:  # reading goes on
            assert len(book.current()) == 1
            with pytest.raises(UsageError, match="another program"):
                book.add(make_grade("new"))
        writer.execute("ROLLBACK")
    with Gradebook(path) as book:
        assert book.add(make_grade("new")) == 2


def test_two_programs_take_turns(tmp_path: Path):
    path = tmp_path / "marks.sqlite"
    with Gradebook(path) as one, Gradebook(path) as two:
        for number in range(10):
            (one, two)[number % 2].add(make_grade(f"s{number}"))
        assert len(one.current()) == len(two.current()) == 10
        assert {grade.run for grade in one.history()} == {1, 2}


def test_a_name_that_is_hard_to_quote(tmp_path: Path):
    path = tmp_path / "a b?c#d%20'é.sqlite"
    a_gradebook(path, 1)
    assert [left.name for left in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["x\0y", "n" * 300])
def test_a_name_that_no_file_has(tmp_path: Path, name: str):
    with pytest.raises(UsageError):
        Gradebook(tmp_path / name)


def test_a_link_is_followed_and_one_to_nowhere_refused(tmp_path: Path):
    a_gradebook(tmp_path / "real.sqlite", 1)
    (tmp_path / "link.sqlite").symlink_to("real.sqlite")
    with Gradebook(tmp_path / "link.sqlite", create=False) as book:
        assert len(book.current()) == 1
    (tmp_path / "ring").symlink_to("ring")
    with pytest.raises(UsageError):
        Gradebook(tmp_path / "ring")


def test_readers_come_and_go_while_others_write(tmp_path: Path):
    """Nobody takes a file at work for a damaged one."""
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    done = threading.Event()

    def write() -> None:
        for number in range(25):
            with Gradebook(path) as book:  # each closing moves the journal into the file
                book.add(make_grade(f"n{number}"))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    counts = []
    while not done.is_set():
        counts.append(read(path))
    writer.join()
    assert counts == sorted(counts)
    assert read(path) == 26


def read(path: Path) -> int:
    with Gradebook(path, create=False, writing=False) as book:
        return len(book.current())


needs_other_user = pytest.mark.skipif(
    sys.platform == "win32" or os.getuid() != 0, reason="needs to become another user"
)


@needs_other_user
@pytest.mark.parametrize("writable_folder", [True, False])
def test_no_rights(tmp_path: Path, writable_folder: bool, as_nobody: Callable[..., str]):
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    path.chmod(0o444)
    tmp_path.chmod(0o777 if writable_folder else 0o555)
    before = snapshot(tmp_path)
    said = as_nobody(lambda: Gradebook(path, patience_s=0.05).close())
    assert said.startswith("UsageError")
    assert "cannot be written to" in said
    assert snapshot(tmp_path) == before
    assert as_nobody(lambda: read(path)) == "1"
    assert snapshot(tmp_path) == before


@needs_other_user
def test_no_right_to_make_one(tmp_path: Path, as_nobody: Callable[..., str]):
    tmp_path.chmod(0o555)
    said = as_nobody(lambda: Gradebook(tmp_path / "marks.sqlite").close())
    assert said.startswith("UsageError")
    assert list(tmp_path.iterdir()) == []


@needs_other_user
def test_no_right_to_read(tmp_path: Path, as_nobody: Callable[..., str]):
    path = a_gradebook(tmp_path / "marks.sqlite", 1)
    path.chmod(0o600)
    said = as_nobody(lambda: Gradebook(path).close())
    assert said.startswith("UsageError")
    assert "Permission denied" in said


@pytest.fixture
def as_nobody(tmp_path: Path) -> Callable[[Callable[[], object]], str]:
    """Run a function as a user without rights, and say how it ended."""

    def run(function: Callable[[], object]) -> str:
        opened = [folder for folder in tmp_path.parents if not folder.stat().st_mode & 0o001]
        modes = {folder: folder.stat().st_mode for folder in opened}
        for folder in opened:
            folder.chmod(modes[folder] | 0o001)
        try:
            os.setegid(65534)
            os.seteuid(65534)
            result = function()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        else:
            return str(result)
        finally:
            os.seteuid(0)
            os.setegid(0)
            for folder in opened:
                folder.chmod(modes[folder])

    return run
