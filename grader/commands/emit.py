"""`python -m grader emit`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError


def emit(
    record: Annotated[Path, typer.Argument(help="A file that `grade --json` wrote.")],
    to: Annotated[
        str,
        typer.Option(
            help="gradescope, classroom50, github, prairielearn, autolab, junit or markdown."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; else as `grade --emit`.")
    ] = None,
    leaderboard: Annotated[
        bool, typer.Option("--leaderboard", help="Gradescope: show the accuracies to all.")
    ] = False,
) -> None:
    """Turn a saved record into a format that another tool reads."""
    from ..emit.formats import KINDS, Settings
    from ..emit.outputs import Outputs
    from ..emit.saved import read_record
    from ..text import did_you_mean

    if to.partition("=")[0] not in KINDS:
        raise UsageError(
            f"--to {to}: there is no such format; "
            f"{did_you_mean(to, KINDS)}there are {', '.join(KINDS)}"
        )
    outputs = Outputs(
        [to if output is None else f"{to}={output}"],
        Settings(leaderboard=leaderboard, environment=os.environ),
    )
    grade = read_record(record)
    outputs.write(grade)
    outputs.print(grade, sys.stdout, sys.stdout)
