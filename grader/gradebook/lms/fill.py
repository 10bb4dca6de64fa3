"""Filling marks in: who is who, how much a mark is worth there, and what is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...errors import UsageError
from ...text import one_line
from ..grade import Grade
from .feedback import MARK, feedback
from .layout import Layout, fold
from .moodle import NO, YES
from .numbers import format_points, parse_points
from .sheet import Line, Sheet

NUMBERED = re.compile(r"\D*?(\d+)", re.DOTALL)  # Moodle's "Participant 4711"


@dataclass
class Filling:
    """What became of the marks; names are safe to print.

    Attributes:
        filled: how many marks are in the file now.
        replaced: students who had another mark there.
        not_there: students of the gradebook whom the file does not have.
        without: students of the file whom the gradebook does not have.
        locked: students whose mark the LMS will not change, or may not: left alone.
        not_final: students whom the grader itself has failed, so that they have no mark.
        above: students whose mark is more than the LMS's maximum.
        kept_feedback: students whose feedback somebody else wrote: left alone.
        unscaled: whether the file does not say what a full mark is worth.
    """

    filled: int = 0
    replaced: list[str] = field(default_factory=list)
    not_there: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    not_final: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    kept_feedback: list[str] = field(default_factory=list)
    unscaled: bool = False


def fill(sheet: Sheet, layout: Layout, grades: Sequence[Grade]) -> Filling:
    """Put marks into a file that an LMS exported; every other cell stays as it is.

    Args:
        sheet: the file; it is changed.
        layout: where in it what is.
        grades: one a student.

    Raises:
        UsageError: two students have one id, or a student's place cannot be told; or the file
            takes no points.
    """
    rows = _match(layout, grades)
    filling = Filling()
    for grade in grades:
        if grade.student not in rows:
            filling.not_there.append(_label(grade))
        else:
            _fill_one(sheet, layout, rows[grade.student], grade, filling)
    taken = {id(line) for line in rows.values()}
    filling.without = [layout.label(line) for line in layout.students if id(line) not in taken]
    return filling


def _fill_one(sheet: Sheet, layout: Layout, line: Line, grade: Grade, filling: Filling) -> None:
    who = layout.label(line)
    score = grade.final_score
    if score is None:
        filling.not_final.append(who)
        return
    if layout.changeable is not None and fold(line.value(layout.changeable)) not in YES:
        word = fold(line.value(layout.changeable))
        doubt = "" if word in NO else f", whose mark is marked '{one_line(word)}'"
        filling.locked.append(f"{who}{doubt}")
        return
    if layout.grade >= len(line.cells):
        raise UsageError(
            f"line {line.number} of the template is shorter than its header; export it again"
        )
    written = layout.points_possible(line)
    possible = parse_points(written)
    if written and not possible:
        raise UsageError(
            f"line {line.number} of the template: a full mark is worth '{one_line(written)}', no "
            "number of points; set the assignment to be graded by points"
        )
    full = float(grade.record["max_score"])
    filling.unscaled = filling.unscaled or possible is None
    points = score * possible / full if possible and full else score
    if points > (possible or full):
        filling.above.append(who)
    text = format_points(points, written)
    before = parse_points(line.value(layout.grade))
    if before is not None and before != parse_points(text):
        filling.replaced.append(f"{who}: {one_line(line.value(layout.grade))} → {text}")
    line.put(layout.grade, text, sheet.delimiter)
    filling.filled += 1
    _fill_feedback(sheet, layout, line, grade, filling)


def _fill_feedback(
    sheet: Sheet, layout: Layout, line: Line, grade: Grade, filling: Filling
) -> None:
    if layout.feedback is None or layout.feedback >= len(line.cells):
        return
    there = line.value(layout.feedback)
    if there and MARK not in there:
        filling.kept_feedback.append(layout.label(line))
    else:
        line.put(layout.feedback, feedback(grade), sheet.delimiter)


def _match(layout: Layout, grades: Sequence[Grade]) -> dict[str, Line]:
    """Each student's line, by the student's id."""
    _refuse_doubles(layout)
    places: dict[str, list[Line]] = {}
    for line in layout.students:
        for key in _keys(line.value(column) for column in layout.ids):
            places.setdefault(key, []).append(line)
    found: dict[str, Line] = {}
    owners: dict[int, Grade] = {}
    for grade in grades:
        lines = places.get(fold(grade.student), [])
        if len(lines) > 1:
            raise UsageError(
                f"{one_line(grade.student)} may be {layout.label(lines[0])} or "
                f"{layout.label(lines[1])}: say with --id-column which column identifies"
            )
        if lines:
            other = owners.setdefault(id(lines[0]), grade)
            if other is not grade:
                raise UsageError(
                    f"{_label(other)} and {_label(grade)} of the gradebook are both "
                    f"{layout.label(lines[0])}: two students with one id"
                )
            found[grade.student] = lines[0]
    return found


def _refuse_doubles(layout: Layout) -> None:
    seen: dict[str, Line] = {}
    for line in layout.students:
        key = fold(line.value(layout.ids[0]))
        if key and seen.setdefault(key, line) is not line:
            raise UsageError(
                f"lines {seen[key].number} and {line.number} of the template have one id, "
                f"'{one_line(key)}': two students with one id; export it again"
            )


def _keys(values: Iterable[str]) -> set[str]:
    keys = set()
    for value in filter(None, values):
        keys.add(fold(value))
        if numbered := NUMBERED.fullmatch(value):
            keys.add(numbered[1])
    return keys


def _label(grade: Grade) -> str:
    name = f"{one_line(grade.name)} " if grade.name else ""
    return f"{name}({one_line(grade.student)})" if name else one_line(grade.student)
