"""What is kept stays, what counts is told, nothing is kept twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError, UsageError
from grader.gradebook import Gradebook, GradeKey
from tests.grader.gradebook.builders import make_grade, make_record


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path / "marks.sqlite") as book:
        yield book


def test_a_grade_comes_back_as_it_was_kept(book: Gradebook):
    record = make_record({"threshold.strict": 2.5}) | {"notes": ["naïve ☃ \ud800"]}
    new = make_grade(name="Ada Lovelace", attempt="2", source="ada 2.zip", record=record)
    number = book.add(new)
    (kept,) = book.history("ada")
    assert (kept.id, kept.run) == (number, 1)
    assert kept.record == record
    for field in ("student", "name", "attempt", "source", "key"):
        assert getattr(kept, field) == getattr(new, field)
    assert kept.graded_at.endswith("Z")


def test_it_is_there_for_whoever_opens_the_file_next(tmp_path: Path):
    with Gradebook(tmp_path / "marks.sqlite") as book:
        book.add(make_grade())
    assert [path.name for path in tmp_path.iterdir()] == ["marks.sqlite"]
    with Gradebook(tmp_path / "marks.sqlite", create=False, writing=False) as book:
        assert [grade.student for grade in book.current()] == ["ada"]


def test_the_journal_and_its_guarantees(book: Gradebook):
    assert book._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert book._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_identical_work_is_kept_once_whatever_its_times_were(book: Gradebook):
    first = book.add(make_grade())
    again = make_grade(record=make_record() | {"duration_s": 99.0, "started_at": "later"})
    assert book.add(again) == first
    assert len(book.history()) == 1


@pytest.mark.parametrize(
    "other",
    [
        make_grade(work="w2"),
        make_grade(grader="g2"),
        make_grade(attempt="2"),
        make_grade(student="bob"),
        make_grade(record=make_record({"threshold.strict": 0.0})),
    ],
    ids=["work", "grader", "attempt", "student", "outcome"],
)
def test_what_differs_is_kept(book: Gradebook, other):
    first = book.add(make_grade())
    assert book.add(other) != first
    assert len(book.history()) == 2


def test_work_that_comes_back_counts_again(book: Gradebook):
    book.add(make_grade(work="w1"))
    book.add(make_grade(work="w2"))
    book.add(make_grade(work="w1"))
    (grade,) = book.current()
    assert grade.key.submission == "w1"
    assert [entry.key.submission for entry in book.history("ada")] == ["w1", "w2", "w1"]


def test_a_fault_of_the_graders_never_replaces_a_grade(book: Gradebook):
    broken = make_grade(record=make_record(status="grader_error"))
    book.add(broken)
    (grade,) = book.current()
    assert grade.final_score is None
    final = book.add(make_grade())
    book.add(broken)
    book.add(make_grade(work="w2", record=make_record(status="grader_error")))
    (grade,) = book.current()
    assert (grade.id, grade.final_score) == (final, 35.0)
    assert book.add(make_grade()) == final  # nor does it make the grade new again
    assert len(book.history()) == 3  # `broken` said nothing new the second time


def test_find_gives_final_records_of_anyone(book: Gradebook):
    key = make_grade().key
    assert book.find(key) is None
    book.add(make_grade(record=make_record(status="grader_error")))
    assert book.find(key) is None
    record = make_record({"accuracy.known": 1.0})
    book.add(make_grade(student="bob", record=record))
    assert book.find(key) == record
    for other in (
        GradeKey("x", key.grader, key.data),
        GradeKey(key.submission, "x", key.data),
        GradeKey(key.submission, key.grader, "x"),
    ):
        assert book.find(other) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ada", "bob"]), st.sampled_from(["w1", "w2"]),
            st.sampled_from(["graded", "grader_error"]),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_current_is_what_a_simple_model_says(tmp_path: Path, steps: list[tuple[str, str, str]]):
    path = tmp_path / "marks.sqlite"
    path.unlink(missing_ok=True)
    final: dict[str, str] = {}
    broken: dict[str, str] = {}
    kept = 0
    with Gradebook(path) as book:
        for student, work, status in steps:
            book.add(make_grade(student, work, record=make_record(status=status)))
            side = final if status == "graded" else broken
            kept += side.get(student) != work
            side[student] = work
        assert {g.student: g.key.submission for g in book.current()} == broken | final
        assert [g.student for g in book.current()] == sorted(broken | final)
        assert len(book.history()) == kept
        assert book.current_at(book.last_number()) == book.current()
        ids = [grade.id for grade in book.history()]
        assert ids == sorted(set(ids))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grades SET record = '{}'",
        "DELETE FROM grades",
        "INSERT OR REPLACE INTO grades SELECT * FROM grades",
        "UPDATE adjustments SET points = 100",
        "DELETE FROM adjustments",
        "INSERT OR REPLACE INTO adjustments SELECT * FROM adjustments",
    ],
)
def test_nobody_changes_what_is_there(tmp_path: Path, statement: str):
    path = tmp_path / "marks.sqlite"
    with Gradebook(path) as book:
        book.add(make_grade())
        book.adjust("ada", 5, relative=True, reason="bonus")
    with pytest.raises(sqlite3.IntegrityError, match="only grows"), sqlite3.connect(path) as other:
        other.execute(statement)
    other.close()
    with Gradebook(path) as book:
        assert [grade.final_score for grade in book.current()] == [40.0]


def test_a_full_disk_loses_nothing(book: Gradebook):
    book.add(make_grade())
    pages = book._connection.execute("PRAGMA page_count").fetchone()[0]
    book._connection.execute(f"PRAGMA max_page_count = {pages}")
    large = make_record() | {"notes": ["x" * 100_000]}
    with pytest.raises(GraderError, match="full") as error:
        book.add(make_grade(work="w2", record=large))
    assert "\n" not in str(error.value)
    assert [grade.key.submission for grade in book.history()] == ["w1"]
    book._connection.execute("PRAGMA max_page_count = 100000")
    book.add(make_grade(work="w2", record=large))
    assert [(grade.key.submission, grade.run) for grade in book.history()] == [("w1", 1), ("w2", 1)]


def test_an_interrupt_in_the_middle_keeps_nothing_of_it(tmp_path: Path):
    def interrupted() -> str:
        raise KeyboardInterrupt

    with Gradebook(tmp_path / "marks.sqlite", clock=interrupted) as book:
        with pytest.raises(KeyboardInterrupt):
            book.add(make_grade())
        assert book.history() == []


@pytest.mark.parametrize(
    "hostile", ["=HYPERLINK()", "a\nb", "\x1b[31m", "x\0y", "\ud800", "A" * 5000]
)
def test_a_hostile_name_is_kept_harmless_and_found_again(book: Gradebook, hostile: str):
    book.add(make_grade(hostile, name=hostile, source=hostile, attempt=hostile))
    assert book.add(make_grade(hostile, name=hostile, source=hostile, attempt=hostile)) == 1
    (grade,) = book.history(hostile)
    for text in (grade.student, grade.name, grade.source, grade.attempt):
        assert text.isprintable()
        assert len(text) <= 4000


@pytest.mark.parametrize("other", ["ada ", " ada", "Ada", "ada\u200b"])
def test_ids_that_look_alike_are_two(book: Gradebook, other: str):
    book.add(make_grade("ada"))
    book.add(make_grade(other))
    assert len(book.current()) == 2


def test_one_student_with_two_spellings_of_one_letter(book: Gradebook):
    book.add(make_grade("jose\u0301"))
    book.add(make_grade("jos\u00e9"))
    assert len(book.history()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        make_grade(student=" "),
        make_grade(record={"schema": "other/1", "status": "graded"}),
        make_grade(record=make_record() | {"score": float("nan")}),
    ],
)
def test_what_is_no_grade_is_not_kept(book: Gradebook, wrong):
    with pytest.raises(ValueError, match=r".+"):
        book.add(wrong)
    assert book.history() == []


def test_every_opening_that_adds_is_a_run_of_its_own(tmp_path: Path):
    path = tmp_path / "marks.sqlite"
    for works in (["w1", "w2"], [], ["w3"]):
        with Gradebook(path) as book:
            for work in works:
                book.add(make_grade(work=work))
    with Gradebook(path) as book:
        assert [grade.run for grade in book.history()] == [1, 1, 2]
        assert book.before_last_run() == 2
        assert [grade.key.submission for grade in book.current_at(2)] == ["w2"]
        assert book.current_at(0) == []


def test_times_name_points_in_history(tmp_path: Path):
    times = iter(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"])
    with Gradebook(tmp_path / "marks.sqlite", clock=lambda: next(times)) as book:
        book.add(make_grade(work="w1"))
        book.add(make_grade(work="w2"))
        assert book.last_until("2025-12-31T00:00:00Z") == 0
        assert book.last_until("2026-01-01T00:00:00Z") == 1
        assert book.last_until("2026-01-03T00:00:00Z") == 2


def test_adjustments_stand_beside_the_mark(book: Gradebook):
    book.add(make_grade())
    book.adjust("ada", -10, relative=True, reason="late", by="Kim")
    (grade,) = book.current()
    assert (grade.score, grade.final_score) == (35.0, 25.0)
    assert grade.adjustment is not None
    assert (grade.adjustment.reason, grade.adjustment.by) == ("late", "Kim")
    book.add(make_grade(work="w2", record=make_record({"accuracy.known": 10.0})))
    assert [g.final_score for g in book.current()] == [15.0]  # it goes along with a regrade
    book.adjust("ada", 0, relative=False, reason="copied")
    assert [(g.score, g.final_score) for g in book.current()] == [(25.0, 0.0)]
    book.undo_adjustment("ada", reason="not copied")
    assert [g.final_score for g in book.current()] == [25.0]
    assert [(made.reason, back) for made, back in book.adjustments("ada")] == [
        ("late", False), ("copied", False), ("not copied", True),
    ]  # fmt: skip


def test_a_score_never_falls_below_zero(book: Gradebook):
    book.add(make_grade())
    book.adjust("ada", -1000, relative=True, reason="very late")
    assert [grade.final_score for grade in book.current()] == [0.0]


def test_a_mark_by_hand_where_the_grader_failed(book: Gradebook):
    book.add(make_grade(record=make_record(status="grader_error")))
    book.adjust("ada", 30, relative=False, reason="graded by hand")
    assert [(g.score, g.final_score) for g in book.current()] == [(None, 30.0)]


@pytest.mark.parametrize(
    ("student", "points", "reason"),
    [("bob", 1.0, "x"), ("ada", 1.0, " "), ("ada", float("inf"), "x"), ("ada", -1.0, "x")],
)
def test_an_adjustment_that_is_none(book: Gradebook, student: str, points: float, reason: str):
    book.add(make_grade())
    with pytest.raises(UsageError):
        book.adjust(student, points, relative=False, reason=reason)
    with pytest.raises(UsageError, match="no adjustment"):
        book.undo_adjustment("ada")
    assert [grade.adjustment for grade in book.current()] == [None]
