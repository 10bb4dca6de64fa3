"""The pages of a batch: whose they are, and which are made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.batch.driver import Done
from grader.batch.pages import NEVER_GRADED, OF_BEFORE, UNREADABLE, Pages
from grader.batch.records import blank_record
from grader.batch.settings import Settings
from grader.batch.work import Work
from grader.gradebook import Gradebook, GradeKey, NewGrade
from grader.report.names import page_name
from grader.rubric import load_rubric
from tests.grader.batch.folders import SETTINGS
from tests.grader.report.galleries import GALLERY
from tests.grader.report.html import Element, read_page


def made(name: str, status: str = "graded") -> dict[str, Any]:
    return blank_record(name, "ab" * 32, status, "a reason", SETTINGS, load_rubric())


def done(student: str, how: str = "graded", **more: Any) -> Done:
    work = Work(student, "", "", student, Path(student))
    statuses = {"unusable": "unusable", "failed": "grader_error"}
    return Done(work, how, made(student, statuses.get(how, "graded")), **more)


def read(folder: Path, student: str) -> Element:
    return read_page((folder / page_name(student)).read_text(encoding="utf-8"))


@pytest.mark.parametrize("student", ["s001", "Ada Ł", "../../x", "<script>"])
def test_each_student_gets_a_page_in_the_folder_and_nowhere_else(
    tmp_path: Path, student: str
) -> None:
    folder = tmp_path / "a" / "pages"
    folder.mkdir(parents=True)
    Pages(folder).write(done(student, gallery=GALLERY.to_json()))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [folder / page_name(student)]
    page = read(folder, student)
    assert page.one("h1").text() == student
    assert len(page.all("svg", class_="plot")) == 4


def test_a_new_grade_replaces_the_page_and_what_is_no_grade_does_not(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    pages.write(done("ada", "unusable"))
    assert NEVER_GRADED in read(tmp_path, "ada").text()
    pages.write(done("ada", gallery=GALLERY.to_json()))
    before = (tmp_path / "ada.html").read_bytes()
    pages.write(done("ada", "unusable"))
    pages.write(done("ada", "failed"))
    assert (tmp_path / "ada.html").read_bytes() == before
    pages.write(done("ada", "reused"))
    assert OF_BEFORE in read(tmp_path, "ada").text()
    pages.write(done("bob", "failed"))
    assert not (tmp_path / "bob.html").exists()


def test_grades_of_earlier_runs_get_the_pages_that_are_missing(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "ada.html").write_text("hers")
    key = GradeKey("a" * 64, "b" * 64, "c" * 64)
    with Gradebook(tmp_path / "grades.sqlite") as book:
        for student in ("ada", "bob", "cem"):
            book.add(NewGrade(student, "", "", student, key, made(student)))
        Pages(folder).fill(["ada", "bob"], book.current())
    assert sorted(path.name for path in folder.iterdir()) == ["ada.html", "bob.html"]
    assert (folder / "ada.html").read_text() == "hers"
    assert OF_BEFORE in read(folder, "bob").text()


@pytest.mark.parametrize("gallery", [{}, {"scores": 1}, GALLERY.to_json() | {"more": 1}])
def test_a_gallery_of_another_version_is_left_out(tmp_path: Path, gallery: dict[str, Any]) -> None:
    Pages(tmp_path).write(done("ada", gallery={"x": 1} | gallery))
    assert UNREADABLE in read(tmp_path, "ada").text()


def test_pictures_change_no_mark_and_reach_the_grading_process() -> None:
    asked = Settings("digits", pictures=True)
    assert Settings.from_json(asked.to_json()) == asked
    assert asked.extra == Settings("digits").extra
    assert asked.plan("x") == Settings("digits").plan("x")
