"""Where in an exported file students, marks and the rest are."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import UsageError
from ...text import one_line
from .sheet import Line, Sheet


@dataclass(frozen=True)
class Layout:
    """The parts of an LMS's file that matter here; columns are counted from 0.

    Attributes:
        students: the lines that are a student's.
        names: the column to name a student by.
        ids: columns that tell who it is, the best first.
        grade: the column to fill in.
        maximum: the column of the points that a full mark is worth; None where it is `possible`.
        possible: those points as written in the file, the same for all; "" where it does not say.
        changeable: the column that says whether a mark may be changed; None where there is none.
        feedback: the column for a text to the student; None where there is none.
    """

    students: tuple[Line, ...]
    names: int
    ids: tuple[int, ...]
    grade: int
    maximum: int | None = None
    possible: str = ""
    changeable: int | None = None
    feedback: int | None = None

    def points_possible(self, line: Line) -> str:
        """What a full mark is worth, as written in the file; "" where it does not say."""
        return self.possible if self.maximum is None else line.value(self.maximum)

    def label(self, line: Line) -> str:
        """A student as a person knows them, safe to print."""
        words = dict.fromkeys(line.value(column) for column in (self.names, *self.ids))
        name, *ids = [one_line(word) for word in words if word] or [f"line {line.number}"]
        return f"{name} ({', '.join(ids)})" if ids else name


def find_column(sheet: Sheet, name: str, option: str) -> int:
    """The column that the user named.

    Raises:
        UsageError: there is none, or several; lists what there is.
    """
    found = [n for n, title in enumerate(sheet.header) if fold(title) == fold(name)]
    if len(found) == 1:
        return found[0]
    what = "there are several such columns" if found else "there is no such column"
    raise UsageError(f"{option} {one_line(name)}: {what}; there are {columns_of(sheet)}")


def find_known(sheet: Sheet, names: frozenset[str]) -> list[int]:
    """Columns whose title is one of these, in the file's order."""
    return [n for n, title in enumerate(sheet.header) if fold(title) in names]


def columns_of(sheet: Sheet) -> str:
    """The titles of a file's columns, to be read by a person."""
    titles = [one_line(title, 60) for title in sheet.header if title]
    return ", ".join(titles[:30]) + (f" and {len(titles) - 30} more" if len(titles) > 30 else "")


def fold(text: str) -> str:
    """A title or an id without what does not tell two of them apart."""
    return " ".join(text.split()).casefold().replace("\u2019", "'")
