"""`python -m solutions release`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datasets.command_line import working
from grader.interrupts import interruptible
from solutions.release.order import Order, Verify


@interruptible()
def release(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder: new, empty or an earlier release."),
    ] = None,
    archive: Annotated[
        Path | None, typer.Option("--zip", help="A zip of the same files, too or instead.")
    ] = None,
    secret: Annotated[
        list[Path] | None,
        typer.Option(help="A hidden bundle, weights, checks of your own, or a folder of these: "
                          "prove that the release holds none of it; may be repeated."),
    ] = None,
    verify: Annotated[
        Verify,
        typer.Option(help="Try its README's commands: with the packages installed here (quick), "
                          "in an environment made for it (full, 1.5 GB), or not at all."),
    ] = Verify.quick,
) -> None:  # fmt: skip
    """Make the student repository: stubs, sheet, grader, data; never a line of the solution."""
    from solutions.files import shown
    from solutions.release.release import release as make

    order = Order(output, archive, tuple(secret or ()), verify)
    with working("reading every line, then trying it out"):
        make(order, lambda line: typer.echo(line, err=True))
    for place in (output, archive):
        if place is not None:
            typer.echo(f"written  {shown(place)}")
