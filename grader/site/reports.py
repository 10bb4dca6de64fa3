"""Each student's page of the site: the one that was made while grading, or one made of the record.

Only the first has pictures, for only a grading has the images and the model.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..report.names import page_name
from ..report.page import render_report

if TYPE_CHECKING:
    from ..gradebook import Grade


class Reports:
    """Makes students' pages, and counts where they came from.

    Attributes:
        taken: how many were made while grading.
        rendered: how many were made of a record.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Take pages from a folder.

        Args:
            folder: that `batch --report` wrote; None for none.

        Raises:
            UsageError: there is no such folder.
        """
        if folder is not None and not folder.is_dir():
            raise UsageError(f"--reports {folder}: there is no such folder")
        self._folder = folder
        self.taken = self.rendered = 0

    def page(self, grade: Grade) -> bytes:
        """The page of a student's current grade."""
        made = self._made_while_grading(grade)
        if made is not None:
            self.taken += 1
            return made
        self.rendered += 1
        return render_report(grade.record).encode("utf-8", "backslashreplace")

    def _made_while_grading(self, grade: Grade) -> bytes | None:
        """None where there is none, or it is of another grade than the one that counts now."""
        if self._folder is None:
            return None
        path = self._folder / page_name(grade.student)
        try:
            page = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
        record = grade.record
        of_this = (record["submission"]["sha256"], record["started_at"])
        return page if all(text.encode() in page for text in of_this) else None
