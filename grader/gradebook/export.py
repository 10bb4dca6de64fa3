"""A gradebook as another program's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .grade import Grade
from .lms.canvas import read_canvas
from .lms.fill import Filling, fill
from .lms.layout import Layout
from .lms.moodle import read_moodle
from .lms.sheet import read_sheet
from .tables import to_csv, to_json

OURS = {"csv": to_csv, "json": to_json}
FILLED_IN = {"canvas": read_canvas, "moodle": read_moodle}
KINDS = (*OURS, *FILLED_IN)
SHOWN = 20  # names in a line of the report


@dataclass(frozen=True)
class Template:
    """A file that the LMS exported, to be filled in.

    Attributes:
        path: the file.
        column: title of the column for the marks; "" for the only one that fits.
        id_columns: titles of the columns that identify; none for the usual ones.
    """

    path: Path
    column: str = ""
    id_columns: tuple[str, ...] = ()


def export(
    grades: Sequence[Grade], kind: str, template: Template | None = None
) -> tuple[bytes, list[str]]:
    """The file, and what is to be said of it, a line each.

    Args:
        grades: one a student.
        kind: one of `KINDS`.
        template: the LMS's file for `canvas` and `moodle`, None for the others.

    Raises:
        UsageError: the template is missing, or cannot be used.
    """
    if kind in OURS:
        if template is not None:
            raise UsageError(f"--to {kind} fills in no file: leave --template out")
        return OURS[kind](grades).encode("utf-8", "backslashreplace"), []
    if kind not in FILLED_IN:
        raise UsageError(f"--to {kind}: there are {', '.join(KINDS)}")
    if template is None:
        raise UsageError(
            f"--to {kind} fills in the file that {kind.capitalize()} exported: "
            "name it with --template"
        )
    sheet = read_sheet(template.path)
    layout = FILLED_IN[kind](sheet, template.column, template.id_columns)
    filling = fill(sheet, layout, grades)
    return sheet.to_bytes(), list(_report(filling, layout, sheet.header, kind))


def _report(filling: Filling, layout: Layout, header: Sequence[str], kind: str) -> Iterator[str]:
    from ..text import one_line

    total = len(layout.students)
    yield f"{filling.filled} marks for {total} students in column {one_line(header[layout.grade])}"
    if len(filling.without) == total and filling.not_there:
        ids = ", ".join(one_line(header[column]) for column in layout.ids)
        yield f"nobody was found by {ids}: another course, or name the column of ids: --id-column"
    if filling.unscaled:
        yield "the file does not say what a full mark is worth: points are as the grader gives them"
    if layout.feedback is None and kind == "moodle":
        yield "no column for feedback was recognised: none is filled in"
    for title, names in (
        ("in the gradebook and not in the file", filling.not_there),
        ("in the file and not in the gradebook", filling.without),
        ("locked, so left alone", filling.locked),
        ("without a mark, so left alone", filling.not_final),
        ("had another mark there", filling.replaced),
        ("above the maximum there", filling.above),
        ("feedback by somebody else, left alone", filling.kept_feedback),
    ):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield f"{title} ({len(names)}): {'; '.join(names[:SHOWN])}{more}"
