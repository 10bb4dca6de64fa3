"""Whose page a student's link leads to: the one made while grading, if it is of the same grade."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.report.names import page_name
from grader.report.page import render_report
from grader.site.reports import Reports
from tests.grader.site.made_up import made_up_class
from tests.grader.site.test_build import kept


def test_pages_are_made_of_records(tmp_path: Path) -> None:
    reports = Reports()
    for new in made_up_class(3):
        assert reports.page(kept(new)).decode() == render_report(new.record)
    assert (reports.taken, reports.rendered) == (0, 3)


def test_a_page_of_the_same_grade_is_taken(tmp_path: Path) -> None:
    first, second = map(kept, made_up_class(2))
    made = render_report(first.record).replace("</main>", "<p>with pictures</p></main>")
    (tmp_path / page_name(first.student)).write_text(made, "utf-8")
    reports = Reports(tmp_path)
    assert reports.page(first).decode() == made
    assert b"with pictures" not in reports.page(second)
    assert (reports.taken, reports.rendered) == (1, 1)


@pytest.mark.parametrize(
    "change", [{"started_at": "2026-11-21T08:00:00Z"}, {"submission": {"name": "w", "sha256": "c"}}]
)
def test_a_page_of_an_earlier_grade_is_not(tmp_path: Path, change: dict[str, object]) -> None:
    (new,) = made_up_class(1)
    before = render_report(new.record | change)
    (tmp_path / page_name(new.student)).write_text(before, "utf-8")
    reports = Reports(tmp_path)
    assert reports.page(kept(new)).decode() == render_report(new.record)
    assert reports.rendered == 1


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (grade,) = map(kept, made_up_class(1))
    (tmp_path / page_name(grade.student)).mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        Reports(tmp_path).page(grade)
    with pytest.raises(UsageError, match="no such folder"):
        Reports(tmp_path / "none")
