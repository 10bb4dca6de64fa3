"""`python -m grader adjust`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError

NEGATIVE_NUMBERS = {"ignore_unknown_options": True}  # -10 is a number here, no option


def adjust(
    student: Annotated[str, typer.Argument(help="An id, or a name that only one has.")],
    gradebook: Annotated[Path, typer.Option(help="The gradebook's file.")],
    points: Annotated[
        str, typer.Argument(help="-10 or +5: added to the automatic mark; 70: the final score.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why; kept beside it.")] = "",
    by: Annotated[str, typer.Option(help="Who decided.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the adjustment back.")] = False,
) -> None:
    """Decide a final score beside the automatic mark, which stays; a later one replaces it."""
    from ..gradebook import Gradebook
    from ..gradebook.lookup import find_student
    from ..gradebook.pages import label
    from ..gradebook.pages import points as written

    if undo and points:
        raise UsageError("--undo takes the adjustment back: leave out the points")
    value, relative = (0.0, False) if undo else _parse(points)
    with Gradebook(gradebook, create=False) as book:
        found = find_student(book.current(), student)
        if undo:
            book.undo_adjustment(found.student, reason=reason, by=by)
        else:
            book.adjust(found.student, value, relative=relative, reason=reason, by=by)
        grade = find_student(book.current(), found.student)
    full = float(grade.record["max_score"])
    is_above = grade.final_score is not None and grade.final_score > full
    above = f"; above the full mark, {written(full)}" if is_above else ""
    typer.echo(
        f"{label(grade.student, grade.name)}: final score {written(grade.final_score)}, "
        f"automatic mark {written(grade.score)}{above}"
    )


def _parse(text: str) -> tuple[float, bool]:
    """The number, and whether it is to be added."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        raise UsageError(f"POINTS {text!r}: name points, as in 70, +5 or -10; or --undo")
    return value, text.strip()[0] in "+-"
