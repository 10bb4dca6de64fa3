"""`python -m grader package`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Platform(str, Enum):
    """Platforms that run the grader in a box of their own."""

    gradescope = "gradescope"


def package(
    platform: Annotated[Platform, typer.Argument(help="What to pack the grader for.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")],
    hidden: Annotated[
        Path | None, typer.Option(help="A hidden bundle to measure accuracy on.")
    ] = None,
    leaderboard: Annotated[
        bool, typer.Option("--leaderboard", help="Show the accuracies to all.")
    ] = False,
) -> None:
    """Pack the grader, without solutions, for a platform to run."""
    from datasets.files import write_whole

    from ..package.gradescope_zip import package

    made = package(hidden, leaderboard)
    write_whole(output, lambda file: file.write(made))
    bundle = f", with {hidden}: the zip is as secret as that" if hidden else ""
    typer.echo(f"written  {output} ({len(made) / 1e6:.1f} MB{bundle})")
