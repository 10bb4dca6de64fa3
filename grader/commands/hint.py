"""`python -m grader hint`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import complete_check


def hint(
    check: Annotated[
        str,
        typer.Argument(
            help="TASK.NAME, as in contrastive.value; nothing: list them.",
            autocompletion=complete_check,
        ),
    ] = "",
    level: Annotated[int, typer.Option(min=1, max=3, help="How many of its hints.")] = 1,
) -> None:
    """Say what a check looks for, and help a little more at each level."""
    from rich.console import Console

    from ..hints import describe_check, list_checks
    from ..rubric import load_rubric
    from ..wrapping import say_lines

    rubric = load_rubric()
    text = describe_check(rubric, check, level) if check else list_checks(rubric)
    say_lines(Console(highlight=False), text.split("\n"))
