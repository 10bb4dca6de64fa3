"""What the pages say, held against the gradebook; and what hostile records make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook import Adjustment, Grade, GradeKey
from grader.site.build import pages, prepare
from grader.site.view import FAULT, GRADED, PARTIAL, UNUSABLE
from tests.grader.records import TEXTS, records
from tests.grader.site.made_up import hostile_class, made_up_class, without_mark

SALT = "a secret of no less than 16"
COLUMNS = 14  # who, name, score, six tasks, three accuracies, status, flags
VOID = frozenset({"meta", "link", "input", "br"})


class Read(HTMLParser):
    """A page's elements and the text of its cells; every element has to be closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.cells: list[list[str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "tr":
            self.cells.append([])
        elif tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self._open):
            self.cells[-1][-1] += data


def kept(new: Any, number: int = 1, adjustment: Adjustment | None = None) -> Grade:
    return Grade(
        new.student, new.name, new.attempt, new.source, new.key, new.record,
        number, "2026-11-20T12:00:00Z", 1, adjustment,
    )  # fmt: skip


def made_up(count: int, **changes: Any) -> list[Grade]:
    return [kept(new, number) for number, new in enumerate(made_up_class(count, **changes), 1)]


def made(grades: list[Grade], salt: str | None = None) -> dict[str, str]:
    files = pages(prepare(grades, salt=salt), lambda _: b"")
    return {name: content.decode("utf-8") for name, content in files}


def grades_of(
    drawn: list[tuple[str, str, dict[str, Any]]],
) -> Iterator[Grade]:
    for number, (student, name, record) in enumerate(drawn):
        yield Grade(
            f"{number}{student}", name, "", student, GradeKey("a", "b", "c"), record, number,
            "2026-11-20T12:00:00Z",
        )  # fmt: skip


@settings(max_examples=25)
@given(st.lists(st.tuples(TEXTS, TEXTS, records()), min_size=1, max_size=4))
def test_any_record_makes_a_sound_page(drawn: list[tuple[str, str, dict[str, Any]]]) -> None:
    files = made(list(grades_of(drawn)))
    page = Read(files["index.html"])
    assert page.tags.count("script") == 1
    assert not {"iframe", "img", "base", "object", "form", "embed"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [value for name, value in page.attributes if name in ("href", "src")]
    assert {re.sub(r"[\w.-]*", "", link) for link in links} <= {"#", "/", ":,", ""}
    assert len(files) == 1 + len(drawn)  # no two students share a page
    for name in files:
        assert re.fullmatch(r"index\.html|reports/[\w-]+\.html", name, re.ASCII)


def test_the_table_says_what_the_gradebook_holds() -> None:
    grades = made_up(60)
    lines = [row for row in Read(made(grades)["index.html"]).cells if len(row) == COLUMNS]
    by_id = {row[0].strip(): [cell.strip() for cell in row] for row in lines[1:]}
    assert set(by_id) == {grade.student for grade in grades}
    without = 0
    for grade in grades:
        row = by_id[grade.student]
        assert row[1] == grade.name
        if grade.score is None:
            without += 1
            assert row[2:12] == ["—"] * 10
            continue
        assert float(row[2]) == pytest.approx(grade.score)
        points = [float(cell) for cell in row[3:9]]
        assert points == [pytest.approx(task["score"]) for task in grade.record["tasks"]]
        assert sum(points) == pytest.approx(grade.score, abs=0.02)
    assert without > 0


def test_statuses_are_told_apart() -> None:
    whole, partial, unusable, fault = (new.record for new in made_up_class(4, seed=1))
    assert whole["status"] == partial["status"] == "graded"
    grades = [
        kept(new)
        for new in (
            _with(0, whole),
            _with(1, partial | {"not_run": ["threshold"]}),
            _with(2, without_mark(unusable, "unusable", "skipped", "no zip")),
            _with(3, without_mark(fault, "grader_error", "grader_error", "disk full")),
        )
    ]
    view = prepare(grades).view
    assert [line.status for line in view.lines] == [GRADED, PARTIAL, UNUSABLE, FAULT]
    for line in view.lines[2:]:
        assert line.score is None
        assert set(line.tasks) == {None}
        assert line.accuracies == (None, None, None)
    assert [flag.kind for line in view.lines for flag in line.flags] == ["unusable", "grader error"]


def _with(number: int, record: dict[str, Any]) -> Any:
    new = made_up_class(1)[0]
    return kept(new).__class__(
        f"s{number}", "", "", "", new.key, record, number, "2026-11-20T12:00:00Z"
    )


def test_adjustments_count_and_are_said() -> None:
    first, second = made_up_class(2, seed=3)
    grades = [
        kept(first, 1, Adjustment(-10, True, "two days late", "Kim", "2026")),
        kept(second, 2, Adjustment(70, False, "<b>by hand</b>", "", "2026")),
    ]
    one, other = prepare(grades).view.lines
    assert one.score == pytest.approx(first.record["score"] - 10)
    assert one.adjusted == (
        f"automatic mark {first.record['score']:g}, add -10 by Kim: two days late"
    )
    assert other.score == 70
    page = made(grades)["index.html"]
    assert "&lt;b&gt;by hand&lt;/b&gt;" in page


def test_published_systems_stand_beside_mnist_alone() -> None:
    assert "system a" in made(made_up(5, data="mnist"))["index.html"]
    assert "system a" not in made(made_up(5))["index.html"]


def test_several_data_are_kept_apart() -> None:
    digits, mnist = made_up_class(8), made_up_class(8, seed=9, data="mnist", tier="hidden")
    grades = [kept(new) for new in digits]
    grades += [_renamed(kept(new), f"m{new.student}") for new in mnist]
    page = made(grades)["index.html"]
    assert page.count('<svg class="plot"') == 1 + 2
    assert "mnist, hidden" in page
    assert "compare those of one kind alone" in page


def _renamed(grade: Grade, student: str) -> Grade:
    return Grade(student, *(getattr(grade, name) for name in (
        "name", "attempt", "source", "key", "record", "id", "graded_at"
    )))  # fmt: skip


def test_a_class_graded_on_some_tasks_has_points_by_task() -> None:
    grades = [kept(new) for new in made_up_class(4, not_run=["threshold"])]
    page = made(grades)["index.html"]
    assert "Distribution of scores" not in page
    assert "Points by task" in page
    assert "0 graded; 4 on some tasks only" in page


def test_a_class_without_any_mark_has_a_page() -> None:
    grades = [
        kept(_with(n, without_mark(made_up_class(1)[0].record, "unusable", "skipped", "no zip")))
        for n in range(2)
    ]
    page = made(grades)["index.html"]
    assert "0 graded; 2 could not be opened: no mark" in page
    assert '<svg class="plot"' not in page


class TestLeaderboard:
    def test_names_nobody(self) -> None:
        grades = made_up(40) + [_renamed(kept(new), f"h{new.student}") for new in hostile_class()]
        page = made(grades, SALT)["leaderboard.html"]
        text = page[page.index("<main") :]
        for grade in grades:
            work = grade.record["submission"]["sha256"]
            for secret in (grade.student, grade.name, grade.source, work):
                assert secret not in text
        assert not [value for name, value in Read(page).attributes
                    if name in ("href", "src") and not value.startswith("data:")]  # fmt: skip

    def test_is_ordered_by_accuracy_alone(self) -> None:
        grades = made_up(40)
        board = prepare(grades, salt=SALT).leaderboard
        assert board is not None
        figures = [place.accuracy for place in board.places]
        assert figures == sorted(figures, reverse=True)
        measured = sorted(
            (round(g.record["metrics"]["total_accuracy"], 3) for g in grades
             if g.score is not None and g.record["metrics"]), reverse=True,
        )  # fmt: skip
        ours = [place for place in board.places if place.rank is not None]
        assert [place.accuracy for place in ours] == measured
        assert [place.rank for place in ours] == [1 + measured.index(a) for a in measured]
        ties = [(place.accuracy, place.pseudonym) for place in ours]
        assert ties == sorted(ties, key=lambda tie: (-tie[0], tie[1]))

    def test_neither_marks_nor_order_of_ids_change_it(self) -> None:
        grades = made_up(30)
        page = made(grades, SALT)["leaderboard.html"]
        adjusted = [
            kept(grade, grade.id, Adjustment(-5, True, "late", "", "")) for grade in grades[::-1]
        ]
        assert made(adjusted, SALT)["leaderboard.html"] == page

    def test_is_refused_of_hidden_data(self) -> None:
        with pytest.raises(UsageError, match="hidden data"):
            prepare(made_up(5, tier="hidden"), salt=SALT)

    def test_is_refused_where_nobody_was_measured(self) -> None:
        with pytest.raises(UsageError, match="no student's model was measured"):
            prepare(made_up(5, metrics=None), salt=SALT)

    def test_leaves_hidden_figures_out(self) -> None:
        hidden = [_renamed(kept(new), f"h{new.student}") for new in
                  made_up_class(20, seed=5, tier="hidden")]  # fmt: skip
        board = prepare(made_up(5) + hidden, salt=SALT).leaderboard
        assert board is not None
        assert not [student for student in board.pseudonyms if student.startswith("h")]


def test_a_page_is_the_same_each_time(tmp_path: Path) -> None:
    assert made(made_up(10), SALT) == made(made_up(10), SALT)
