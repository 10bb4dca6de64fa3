"""`python -m grader changes`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def changes(
    gradebook: Annotated[Path, typer.Option(help="The gradebook's file.")],
    since: Annotated[
        str,
        typer.Option(
            help="A grade's number, or a time in UTC as in 2026-11-20T18:00; "
            "nothing: before the last batch.",
        ),
    ] = "",
) -> None:
    """Say whose mark changed, by how much, and which checks came to something else."""
    from rich.console import Console

    from ..gradebook import Gradebook
    from ..gradebook.changes import compare
    from ..gradebook.pages import changes_page
    from ..gradebook.since import point_in
    from ..wrapping import say_lines

    with Gradebook(gradebook, create=False, writing=False) as book:
        number, words = point_in(book, since)
        before, after = book.current_at(number), book.current()
    known = {grade.student for grade in before}
    new = [grade for grade in after if grade.student not in known]
    lines = changes_page(compare(before, after), len(before), new, words)
    say_lines(Console(highlight=False), lines)
