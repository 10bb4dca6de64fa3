"""Canvas: the gradebook as it is exported, one column an assignment."""

from __future__ import annotations

import re

from ...errors import UsageError
from ...text import one_line
from .layout import Layout, columns_of, find_column, find_known, fold
from .numbers import parse_points
from .sheet import Line, Sheet

IDS = frozenset({"id", "sis user id", "sis login id", "integration id"})
ASSIGNMENT = re.compile(r".*\(\d+\)", re.DOTALL)  # its title and its number, as in "Lab 2 (4711)"
OURS = "open-set"  # in the title, where several assignments are there


def read_canvas(sheet: Sheet, column: str, id_columns: tuple[str, ...]) -> Layout:
    """Find the way in a Canvas export.

    Args:
        sheet: the file.
        column: title of the assignment's column; "" for the only one that fits.
        id_columns: titles of columns that identify; none for the ones Canvas has.

    Raises:
        UsageError: a column cannot be told; says which option names it.
    """
    ids = tuple(find_column(sheet, name, "--id-column") for name in id_columns)
    ids = ids or tuple(find_known(sheet, IDS))
    if not ids:
        raise UsageError(
            "the template has no column ID, SIS User ID or SIS Login ID: is it a Canvas export? "
            f"Name the columns that identify with --id-column; there are {columns_of(sheet)}"
        )
    grade = find_column(sheet, column, "--column") if column else _only_assignment(sheet)
    rows = [line for line in sheet.lines[1:] if not line.is_blank]
    students = tuple(line for line in rows if any(line.value(n) for n in ids))
    return Layout(
        students=students,
        names=0,
        ids=ids,
        grade=grade,
        possible=_points_possible(rows, students, grade),
    )


def _points_possible(rows: list[Line], students: tuple[Line, ...], grade: int) -> str:
    """The number above the students' marks; Canvas names its row in the teacher's language."""
    first = students[0].number if students else float("inf")
    above = (line.value(grade) for line in rows if line.number < first)
    return next((text for text in above if parse_points(text)), "")


def _only_assignment(sheet: Sheet) -> int:
    found = [n for n, title in enumerate(sheet.header) if ASSIGNMENT.fullmatch(title)]
    ours = [n for n in found if OURS in fold(sheet.header[n]).replace("open set", OURS)]
    for choice in (found, ours):
        if len(choice) == 1:
            return choice[0]
    if not found:
        raise UsageError(
            "the template has no assignment's column, as in 'Lab 2 (4711)': name it with --column; "
            f"there are {columns_of(sheet)}"
        )
    titles = ", ".join(one_line(sheet.header[n], 60) for n in (ours or found)[:10])
    raise UsageError(f"the template has several assignments: name one with --column: {titles}")
