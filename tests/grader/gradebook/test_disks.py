"""A real disk that is full, and one that cannot be written to."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import GraderError, UsageError
from grader.gradebook import Gradebook
from tests.grader.gradebook.builders import make_grade, make_record

LARGE = make_record() | {"notes": ["x" * 20_000]}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount(folder, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def mount(folder: Path, *arguments: str) -> int:
    try:
        return subprocess.run(["mount", *arguments, folder], capture_output=True).returncode
    except OSError:
        return 1


def test_a_full_disk(disk: Path):
    path = disk / "marks.sqlite"
    kept: list[int] = []

    def add_until_full() -> None:
        with Gradebook(path) as book:
            kept.extend(book.add(make_grade(f"s{n:02}", record=LARGE)) for n in range(100))

    with pytest.raises(GraderError, match=r"full.*those before it are"):
        add_until_full()
    with Gradebook(path, writing=False) as book:
        assert [grade.id for grade in book.history()] == kept
    assert 10 < len(kept) < 100
    with pytest.raises(UsageError, match="full"):
        Gradebook(disk / "another.sqlite")
    assert not [left for left in disk.iterdir() if left.name.endswith(".part")]
    assert mount(disk, "-o", "remount,size=8m") == 0
    with Gradebook(path) as book:
        book.add(make_grade("late", record=LARGE))
        assert len(book.current()) == len(kept) + 1


def refusal(path: Path) -> str:
    try:
        with Gradebook(path):
            return ""
    except UsageError as refused:
        return str(refused)


def test_on_a_disk_with_too_little_room_a_gradebook_is_made_whole_or_not_at_all(disk: Path):
    path = disk / "marks.sqlite"
    made = []
    for size in range(8, 140, 4):  # KiB: from too small for anything to enough
        assert mount(disk, "-o", f"remount,size={size}k") == 0
        said = refusal(path)
        made.append(not said)
        if said:
            assert said.startswith(f"{path}: its disk is full")
            assert list(disk.iterdir()) == []
        else:
            with Gradebook(path, create=False, writing=False) as book:
                assert book.current() == []
            path.unlink()
    assert made == sorted(made)
    assert {True, False} <= set(made)


def test_a_disk_that_cannot_be_written_to(disk: Path):
    path = disk / "marks.sqlite"
    with Gradebook(path) as book:
        book.add(make_grade())
    before = path.read_bytes()
    assert mount(disk, "-o", "remount,ro") == 0
    with pytest.raises(UsageError, match="cannot be written to"):
        Gradebook(path)
    with pytest.raises(UsageError, match="cannot be written to"):
        Gradebook(disk / "new.sqlite")
    with Gradebook(path, writing=False) as book:
        assert len(book.current()) == 1
    assert [(file.name, file.read_bytes()) for file in disk.iterdir()] == [(path.name, before)]
