"""A page for each student of a batch, beside the gradebook that the marks are kept in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..gallery.gallery import Gallery, nothing
from ..gradebook.grade import Grade
from ..report.folder import save_page
from ..report.names import page_name
from ..report.page import render_report
from .driver import Done

OF_BEFORE = "the grade was made in an earlier run; --regrade all makes it again, with pictures"
NEVER_GRADED = "nothing was graded"
UNREADABLE = "the grading that made them was another version of the grader"


class Pages:
    """Writes `FOLDER/STUDENT.html`.

    Args:
        folder: where to; it is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, done: Done) -> None:
        """Write the page of a new grade; of what is no grade only where there is no page yet.

        Raises:
            GraderError: it cannot be written.
        """
        if done.record is None or done.how == "failed":
            return
        if done.how == "unusable":
            if not self._path(done.work.student).exists():
                self._save(done.work.student, done.record, nothing(NEVER_GRADED))
            return
        gallery = _gallery(done.gallery) if done.gallery else nothing(OF_BEFORE)
        self._save(done.work.student, done.record, gallery)

    def fill(self, students: Iterable[str], grades: Iterable[Grade]) -> None:
        """Write the pages that are missing, of grades from earlier runs.

        Args:
            students: whose pages.
            grades: in force.

        Raises:
            GraderError: one cannot be written.
        """
        wanted = set(students)
        for grade in grades:
            if grade.student in wanted and not self._path(grade.student).exists():
                self._save(grade.student, grade.record, nothing(OF_BEFORE))

    def _path(self, student: str) -> Path:
        return self._folder / page_name(student)

    def _save(self, student: str, record: dict[str, Any], gallery: Gallery) -> None:
        save_page(self._folder, page_name(student), render_report(record, gallery))


def _gallery(read: dict[str, Any]) -> Gallery:
    """A gallery that came from another process, or from another machine."""
    try:
        return Gallery.from_json(read)
    except (KeyError, TypeError, AttributeError):
        return nothing(UNREADABLE)
