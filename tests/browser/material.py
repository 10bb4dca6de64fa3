"""The pages that are looked at: a class page, its leaderboard, reports; and all that hostile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.gradebook import Grade, Gradebook
from grader.report.page import render_report
from grader.site.build import pages, prepare
from grader.site.folder import write_site
from grader.site.reports import Reports
from tests.browser.gallery import made_up_gallery
from tests.grader.site.made_up import HOSTILE, fill, hostile_class, made_up_class

SALT = "no secret: this class is made up"
STUDENTS, SEED = 24, 35  # three of them without a mark


@dataclass(frozen=True)
class Material:
    """A site on disk.

    Attributes:
        folder: it.
        grades: what it was made from, one a student.
        files: its pages by what they are.
    """

    folder: Path
    grades: tuple[Grade, ...]
    files: dict[str, Path]


def make_class(folder: Path) -> Material:
    """A class of the profile mnist, which published systems stand beside, with adjustments."""
    path = fill(folder / "marks.sqlite", made_up_class(STUDENTS, SEED, data="mnist"))
    with Gradebook(path) as book:
        book.adjust("s1003", -10, relative=True, reason="two days late", by="Kim")
        book.adjust("s1004", 70, relative=False, reason="seen by hand")
    return _site(path, folder / "site")


def make_hostile(folder: Path) -> Material:
    """A class of students who write what might be run."""
    path = fill(folder / "hostile.sqlite", hostile_class())
    with Gradebook(path) as book:
        for grade in book.current():
            book.adjust(grade.student, -1, relative=True, reason=grade.name, by=grade.name)
    return _site(path, folder / "hostile", HOSTILE[0])


def _site(path: Path, folder: Path, hostile: str = "") -> Material:
    with Gradebook(path, create=False) as book:
        grades = tuple(book.current())
    site = prepare(grades, salt=SALT)
    write_site(folder, pages(site, Reports().page))
    pictured = folder.with_name(f"{folder.name}-pictured.html")
    gallery = made_up_gallery({"scores": hostile, "neighbours": hostile} if hostile else None)
    pictured.write_text(render_report(grades[0].record, gallery), "utf-8", "backslashreplace")
    lost = min((g for g in grades if g.score is not None), key=lambda grade: grade.score or 0.0)
    without_mark = next(grade for grade in grades if grade.score is None)
    return Material(
        folder,
        grades,
        {
            "class": folder / "index.html",
            "leaderboard": folder / "leaderboard.html",
            "report": folder / site.reports[lost.student],
            "report-with-pictures": pictured,
            "report-without-mark": folder / site.reports[without_mark.student],
        },
    )


PAGES = ("class", "leaderboard", "report", "report-with-pictures", "report-without-mark")
