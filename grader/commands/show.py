"""`python -m grader show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def show(
    student: Annotated[str, typer.Argument(help="An id, or a name that only one has.")],
    gradebook: Annotated[Path, typer.Option(help="The gradebook's file.")],
) -> None:
    """Show a student's grade, the checks it lost, and everything that was there before."""
    from rich.console import Console

    from ..gradebook import Gradebook
    from ..gradebook.lookup import find_student
    from ..gradebook.pages import student_page
    from ..wrapping import say_lines

    with Gradebook(gradebook, create=False, writing=False) as book:
        grade = find_student(book.current(), student)
        lines = student_page(grade, book.history(grade.student), book.adjustments(grade.student))
    say_lines(Console(highlight=False), lines)
