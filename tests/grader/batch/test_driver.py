"""The driver: what is graded, what is known already, and what goes into the gradebook."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.batch.driver import Batch, Done, Rules, Summary
from grader.batch.find import find_class
from grader.batch.keys import Keys
from grader.batch.work import Work
from grader.errors import GraderError
from grader.gradebook import Gradebook, GradeKey
from grader.rubric import load_rubric
from tests.grader.batch.folders import (
    SETTINGS,
    Pretended,
    as_folder,
    as_zip,
    modules,
    record_of,
)
from tests.grader.packing import write_folder


class FixedKeys(Keys):
    """Keys of a grader that is what a test says."""

    def __init__(self, grader: str = "g", data: str = "d", changes_after: int = -1) -> None:
        self.grader, self.data, self._left = grader, data, changes_after

    def check(self) -> None:
        if self._left == 0:
            raise GraderError("the grader or its data changed while the batch ran (rubric.toml)")
        self._left -= 1


class Run:
    """A class's folder and its gradebook, over several runs."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "class"
        self.folder.mkdir()
        self.book = root / "grades.sqlite"
        self.done: list[Done] = []

    def __call__(
        self,
        graders: Pretended | None = None,
        keys: Keys | None = None,
        attempt: str = "last",
        settings: Any = SETTINGS,
        **rules: Any,
    ) -> Summary:
        self.done = []
        students = find_class(self.folder, "plain", attempt).students
        with Gradebook(self.book) as book:
            batch = Batch(
                book, graders or Pretended(), keys or FixedKeys(), settings, load_rubric(),
                Rules(**rules), self.done.append,
            )  # fmt: skip
            try:
                batch.run(students)
            finally:
                self.summary = batch.summary
        return batch.summary

    def rows(self) -> list[tuple[str, str, str, float]]:
        with Gradebook(self.book) as book:
            return [
                (row.student, row.attempt, row.record["status"], row.record["score"])
                for row in book.history()
            ]

    def current(self) -> dict[str, tuple[str, GradeKey]]:
        with Gradebook(self.book) as book:
            return {row.student: (row.attempt, row.key) for row in book.current()}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_every_submission_gets_a_row_and_a_second_run_does_nothing(run: Run) -> None:
    for name in ("ada", "bob", "cem"):
        as_folder(run.folder / name, name)
    graders = Pretended()
    assert run(graders).counts == {"graded": 3}
    assert sorted(graders.sent) == ["ada", "bob", "cem"]
    again = Pretended()
    assert run(again).counts == {"kept": 3}
    assert again.sent == []
    assert len(run.rows()) == 3


def test_identical_work_is_graded_once_and_each_student_gets_a_row(run: Run) -> None:
    as_folder(run.folder / "ada", "same")
    as_zip(run.folder / "bob.zip", "same")
    as_folder(run.folder / "cem", "same")
    graders = Pretended()
    assert run(graders).counts == {"graded": 1, "reused": 2}
    assert len(graders.sent) == 1
    with Gradebook(run.book) as book:
        names = [row.record["submission"]["name"] for row in book.current()]
    assert names == ["ada", "bob", "cem"]
    as_folder(run.folder / "dan", "same")
    assert run(graders).counts == {"kept": 3, "reused": 1}
    assert len(graders.sent) == 1


def test_nobody_reads_of_files_beside_another_students_identical_work(run: Run) -> None:
    for name, beside in (("ada", "diary.pt"), ("bob", "torch.py"), ("cem", "cem.pt")):
        write_folder(run.folder / name, {**modules("same"), beside: b"x"})
    run()
    write_folder(run.folder / "dan", {**modules("same"), "dans.pt": b"x"})  # reused from the book
    run()
    with Gradebook(run.book) as book:
        notes = {row.student: " ".join(row.record["notes"]) for row in book.current()}
    beside = {"ada": "diary.pt", "bob": "torch.py", "cem": "cem.pt", "dan": "dans.pt"}
    for student, text in notes.items():
        assert [own for own in beside.values() if own in text] == [beside[student]]


def test_no_more_is_under_way_than_there_is_room_for(run: Run) -> None:
    for number in range(9):
        as_folder(run.folder / f"s{number}", str(number))
    graders = Pretended(room=3)
    run(graders)
    assert 1 <= graders.most <= 3
    assert len(graders.sent) == 9


def test_a_changed_submission_is_graded_again(run: Run) -> None:
    as_folder(run.folder / "ada", "old")
    run()
    as_folder(run.folder / "ada", "new")
    assert run().counts == {"graded": 1}
    assert len(run.rows()) == 2


def test_going_back_to_earlier_work_makes_it_the_newest_without_grading(run: Run) -> None:
    keys = {}
    for mark in ("old", "new", "old"):
        as_folder(run.folder / "ada", mark)
        graders = Pretended()
        summary = run(graders)
        keys[mark] = run.current()["ada"][1]
    assert summary.counts == {"reused": 1}
    assert graders.sent == []
    assert run.current()["ada"][1] == keys["old"]
    assert len(run.rows()) == 3


@pytest.mark.parametrize(
    ("regrade", "counts", "older"),
    [("", {"kept": 2}, 2), ("changed", {"graded": 2}, 0), ("all", {"graded": 2}, 0)],
)
def test_another_grader_regrades_only_where_asked(
    run: Run, regrade: str, counts: dict[str, int], older: int
) -> None:
    as_folder(run.folder / "ada", "a")
    as_folder(run.folder / "bob", "b")
    run()
    summary = run(keys=FixedKeys("another"), regrade=regrade)
    assert (summary.counts, summary.older) == (counts, older)


def test_regrade_all_grades_identical_work_once(run: Run) -> None:
    as_folder(run.folder / "ada", "same")
    as_folder(run.folder / "bob", "same")
    run()
    graders = Pretended(room=1)
    assert run(graders, regrade="all").counts == {"graded": 1, "reused": 1}
    assert len(graders.sent) == 1


def test_the_last_attempt_is_the_newest_whatever_the_order_of_runs(run: Run) -> None:
    for number in (1, 2, 3):
        as_zip(run.folder / "ada" / f"{number}.zip", str(number))
    graders = Pretended(room=4)
    run(graders, attempt="all")
    assert graders.sent == ["1", "2", "3"]
    assert graders.most == 1
    assert run.current()["ada"][0] == "3"
    assert run(attempt="first").counts == {"reused": 1}
    assert run.current()["ada"][0] == "1"
    assert run(attempt="last").counts == {"reused": 1}
    assert run.current()["ada"][0] == "3"
    assert run(attempt="all").counts == {"kept": 3}


def test_an_attempt_that_failed_and_is_graded_later_does_not_become_the_newest(run: Run) -> None:
    for number in (1, 2):
        as_zip(run.folder / "ada" / f"{number}.zip", str(number))
    run(Pretended(answers={"1": {"fault": "no luck"}}), attempt="all")
    assert run.current()["ada"][0] == "2"
    assert run(attempt="all").counts == {"graded": 1, "reused": 1}
    assert run.current()["ada"][0] == "2"


def test_unusable_work_is_a_row_without_points_and_is_not_written_twice(run: Run) -> None:
    (run.folder / "ada").mkdir()
    (run.folder / "bob.zip").write_bytes(b"PK no more")
    as_folder(run.folder / "cem", "c")
    assert run().counts == {"graded": 1, "unusable": 2}
    assert run().counts == {"kept": 1, "unusable": 2}
    assert sorted(run.rows()) == [
        ("ada", "", "unusable", 0.0),
        ("bob", "", "unusable", 0.0),
        ("cem", "", "graded", 50.0),
    ]
    with Gradebook(run.book) as book:
        record = next(row.record for row in book.current() if row.student == "ada")
    assert record["max_score"] == 100
    assert "none of the five modules" in record["notes"][0]
    assert {c["status"] for task in record["tasks"] for c in task["checks"]} == {"skipped"}


def test_unusable_work_does_not_replace_a_grade(run: Run) -> None:
    as_folder(run.folder / "ada", "a")
    run()
    for file in (run.folder / "ada").iterdir():
        file.unlink()
    run()
    with Gradebook(run.book) as book:
        assert [row.record["status"] for row in book.current()] == ["graded"]


def test_a_fault_is_no_grade_and_is_tried_again(run: Run) -> None:
    as_folder(run.folder / "ada", "a")
    as_folder(run.folder / "bob", "b")
    summary = run(Pretended(answers={"ada": {"fault": "the grading process ended early"}}))
    assert summary.counts == {"failed": 1, "graded": 1}
    assert summary.failed == [("ada", "the grading process ended early")]
    assert run().counts == {"graded": 1, "kept": 1}
    assert run.rows()[-1] == ("ada", "", "graded", 50.0)


def test_a_record_of_a_broken_grading_counts_as_failed(run: Run) -> None:
    as_folder(run.folder / "ada", "a")

    class Broken(Pretended):
        def submit(self, parcel: bytes) -> Any:
            self.answers = {"ada": {"record": record_of(parcel, 0.0, "grader_error")}}
            return super().submit(parcel)

    summary = run(Broken())
    assert summary.counts == {"failed": 1}
    assert "pretended" in summary.failed[0][1]


def test_work_that_vanishes_fails_by_name_and_the_rest_goes_on(run: Run) -> None:
    as_folder(run.folder / "ada", "a")
    as_folder(run.folder / "bob", "b")
    students = find_class(run.folder, "plain").students
    for file in (run.folder / "ada").iterdir():
        file.unlink()
    (run.folder / "ada").rmdir()
    with Gradebook(run.book) as book:
        batch = Batch(
            book, Pretended(), FixedKeys(), SETTINGS, load_rubric(), Rules(), run.done.append
        )
        batch.run(students)
    assert batch.summary.counts == {"failed": 1, "graded": 1}
    assert "vanished" in batch.summary.failed[0][1]


def test_a_limit_leaves_the_rest_for_another_run(run: Run) -> None:
    for number in range(5):
        as_folder(run.folder / f"s{number}", str(number))
    summary = run(limit=2)
    assert (summary.counts, summary.left) == ({"graded": 2}, 3)
    summary = run(limit=2)
    assert (summary.counts, summary.left) == ({"graded": 2, "kept": 2}, 1)


def test_a_grader_that_changes_stops_the_batch_before_the_next_row(run: Run) -> None:
    for number in range(6):
        as_folder(run.folder / f"s{number}", str(number))
    with pytest.raises(GraderError, match="changed while the batch ran"):
        run(keys=FixedKeys(changes_after=2))
    assert len(run.rows()) == 2
    assert run.summary.counts == {"graded": 2}


def test_a_gradebook_that_cannot_be_written_stops_the_batch_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        as_folder(run.folder / f"s{number}", str(number))
    add = Gradebook.add
    written: list[int] = []

    def fail_after_two(self: Gradebook, grade: Any) -> int:
        if len(written) == 2:
            raise sqlite3.OperationalError("database or disk is full")
        written.append(add(self, grade))
        return written[-1]

    monkeypatch.setattr(Gradebook, "add", fail_after_two)
    with pytest.raises(GraderError, match="disk is full"):
        run()
    assert len(run.rows()) == 2


def test_gradings_that_are_called_off_are_no_failures(run: Run) -> None:
    as_folder(run.folder / "ada", "a")
    lost = GraderError("the scheduler does not answer any more")
    with pytest.raises(GraderError, match="does not answer"):
        run(Pretended(answers={"ada": {"cancel": True}}, is_lost=lost))
    assert run.rows() == []


def test_a_weaker_box_is_not_enough_where_the_best_is_required(run: Run) -> None:
    from dataclasses import replace

    as_folder(run.folder / "ada", "a")

    class Plain(Pretended):
        def submit(self, parcel: bytes) -> Any:
            record = record_of(parcel) | {"sandbox": "plain"}
            self.answers = {"ada": {"record": record}}
            return super().submit(parcel)

    run(Plain())
    required = replace(SETTINGS, sandbox="require")
    graders = Pretended()
    run(graders, settings=required)
    assert graders.sent == ["ada"]


class Stop(BaseException):
    """The end of a driver, at once."""


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Lets the driver end just before or after its n-th row."""
    add = Gradebook.add

    def end_at(moment: int) -> None:
        calls = iter(range(10**6))

        def add_or_end(self: Gradebook, grade: Any) -> int:
            call = next(calls)
            if 2 * call == moment:
                raise Stop
            number = add(self, grade)
            if 2 * call + 1 == moment:
                raise Stop
            return number

        monkeypatch.setattr(Gradebook, "add", add_or_end)

    yield end_at
    monkeypatch.setattr(Gradebook, "add", add)


@pytest.mark.parametrize("moment", range(14))
def test_a_killed_run_and_another_make_the_gradebook_of_one(
    run: Run, tmp_path: Path, killed_at: Callable[[int], None], moment: int
) -> None:
    for name, mark in (("ada", "same"), ("bob", "b"), ("cem", "same"), ("eve", "e")):
        as_folder(run.folder / name, mark)
    for number in (1, 2):
        as_zip(run.folder / "dan" / f"{number}.zip", f"dan {number}")
    (run.folder / "fay").mkdir()
    killed_at(moment)
    with pytest.raises(Stop):
        run(attempt="all")
    killed_at(-1)
    run(attempt="all")
    disturbed = run
    (tmp_path / "other").mkdir()
    run = Run(tmp_path / "other")
    run.folder = disturbed.folder
    run(attempt="all")
    assert sorted(disturbed.rows()) == sorted(run.rows())
    assert disturbed.current() == run.current()


def test_the_keys_notice_what_a_mark_depends_on(tmp_path: Path) -> None:
    from dataclasses import replace

    bundle = tmp_path / "hidden.npz"
    bundle.write_bytes(b"some images")
    keys = Keys(replace(SETTINGS, hidden=bundle))
    bundle.touch()
    keys.check()
    bundle.write_bytes(b"some other images")
    with pytest.raises(GraderError, match=r"changed while the batch ran \(hidden\.npz\)"):
        keys.check()
    bundle.unlink()
    with pytest.raises(GraderError, match="changed"):
        keys.check()


def test_options_that_change_marks_change_the_key() -> None:
    from dataclasses import replace

    graders = {
        Keys(replace(SETTINGS, **options)).grader
        for options in ({}, {"seed": 1}, {"train": "never"}, {"tasks": ("threshold",)})
    }
    assert len(graders) == 4
    assert Keys(replace(SETTINGS, sandbox="plain")).grader == Keys(SETTINGS).grader


def test_loose_files_are_graded_like_any_other(run: Run) -> None:
    write_folder(run.folder, {f"ada_7_{n}_{k}": v for n, (k, v) in enumerate(modules("l").items())})
    works = find_class(run.folder).students
    graders = Pretended()
    with Gradebook(run.book) as book:
        Batch(book, graders, FixedKeys(), SETTINGS, load_rubric(), Rules(), run.done.append).run(
            works
        )
    assert [(done.work.student, done.how) for done in run.done] == [("7", "graded")]
    assert isinstance(run.done[0].work, Work)
