"""Killed at any moment: what was said to be kept is there, once, and the next run goes on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from grader.gradebook import Gradebook
from tests.grader.gradebook.builders import make_grade
from tests.grader.gradebook.test_migration import old_gradebook, version_of
from tests.grader.gradebook.writer import RECORD, write_until_killed

STUDENTS = 60
LONG = 60.0  # seconds in which every writer comes to its end


def check(path: Path, kept: set[int]) -> None:
    """All that was said is there, whole and once."""
    with Gradebook(path, create=False) as book:
        history = book.history()
    students = [grade.student for grade in history]
    assert len(students) == len(set(students))
    assert {f"s{number:03}" for number in kept} <= set(students)
    assert all(grade.record == RECORD for grade in history)


def contents(path: Path) -> list[tuple[object, ...]]:
    with Gradebook(path, create=False) as book:
        return [
            (grade.id, grade.student, grade.key, grade.record, grade.final_score)
            for grade in book.history()
        ]


@pytest.mark.parametrize("seed", range(3))
def test_one_gradebook_killed_again_and_again(tmp_path: Path, seed: int):
    path, whole = tmp_path / "marks.sqlite", tmp_path / "whole.sqlite"
    kept: set[int] = set()
    generator = random.Random(seed)
    for _ in range(10):
        kept |= set(write_until_killed(path, STUDENTS, generator.uniform(0, 0.08)))
        if path.exists():
            check(path, kept)
    for file in (path, whole):
        assert set(write_until_killed(file, STUDENTS, LONG)) == set(range(STUDENTS))
    check(path, kept)
    assert contents(path) == contents(whole)


def test_killed_while_it_is_made_there_is_none_or_a_whole_one(tmp_path: Path):
    generator = random.Random(1)
    for attempt in range(20):
        path = tmp_path / f"{attempt}.sqlite"
        said = write_until_killed(path, STUDENTS, generator.uniform(0, 0.06))
        assert path.exists() or not said
        with Gradebook(path) as book:
            book.add(make_grade("another"))


def test_killed_while_it_is_migrated_it_is_old_or_new(tmp_path: Path):
    generator = random.Random(2)
    for attempt in range(20):
        path = old_gradebook(tmp_path / f"{attempt}.sqlite")
        write_until_killed(path, STUDENTS, generator.uniform(0, 0.06))
        assert version_of(path) in (1, 2)
        with Gradebook(path) as book:
            assert {"s0", "s1", "s2"} <= {grade.student for grade in book.current()}
