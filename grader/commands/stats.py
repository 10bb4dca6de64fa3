"""`python -m grader stats`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from .targets import check_target, output_beside, write_data, write_picture


def stats(
    gradebook: Annotated[Path, typer.Argument(help="The gradebook's file.")],
    similarity: Annotated[
        Path | None, typer.Option(help="A report of `similarity -o`: its pairs become flags.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write all of it here; -: print it.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw it here, a .png.")] = None,
) -> None:
    """Sum up a class: points, checks, accuracies, time, and what to look at."""
    from rich.console import Console

    from ..gradebook import Gradebook
    from ..similarity.report import read_flags
    from ..statistics.console import print_summary
    from ..statistics.rows import rows_of
    from ..statistics.summary import summarise, to_json

    check_target("--json", json)
    check_target("--plot", plot, ".png")
    similar = read_flags(similarity) if similarity else None
    with Gradebook(gradebook, create=False) as book:
        rows = rows_of(book.current())
    if not rows:
        raise UsageError(f"{gradebook}: no grades are in it yet; python -m grader batch puts some")
    summary = summarise(rows, similar)
    if json is not None:
        write_data(json, to_json(summary))
    if plot is not None:
        from ..statistics.picture import draw_summary

        write_picture(plot, draw_summary(summary))
    print_summary(Console(file=output_beside(json), highlight=False), summary)
