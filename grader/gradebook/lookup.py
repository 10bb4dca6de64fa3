"""Finding a student by what an instructor types."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ..errors import UsageError
from ..text import one_line
from .book import clean
from .grade import Grade


def find_student(grades: Iterable[Grade], wanted: str) -> Grade:
    """The current grade of the student with this id, or with this name where only one has it.

    Args:
        grades: one a student.
        wanted: id or name; case counts only where it tells two apart.

    Raises:
        UsageError: there is none, or several; names the nearest.
    """
    grades = list(grades)
    wanted = clean(wanted)
    for matches in (
        [grade for grade in grades if grade.student == wanted],
        [grade for grade in grades if grade.student.casefold() == wanted.casefold()],
        [grade for grade in grades if grade.name.casefold() == wanted.casefold() != ""],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(one_line(grade.student) for grade in matches[:5])
            raise UsageError(
                f"{one_line(wanted)}: several students are called so; give an id: {ids}"
            )
    raise UsageError(f"no student {one_line(wanted)} in the gradebook{_advice(grades, wanted)}")


def _advice(grades: list[Grade], wanted: str) -> str:
    words = {
        word.casefold(): grade.student
        for grade in grades
        for word in (grade.student, grade.name, *grade.name.split())
        if word
    }
    near = difflib.get_close_matches(wanted.casefold(), words, n=3, cutoff=0.5)
    ids = dict.fromkeys(one_line(words[word]) for word in near)
    return f"; did you mean {', '.join(ids)}?" if ids else f"; it has {len(grades)} students"
