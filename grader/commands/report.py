"""`python -m grader report`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from datasets.command_line import working

from ..errors import UsageError
from ..interrupts import interruptible

SALT = "OSR_SALT"  # a secret has no place in a shell's history


@interruptible()
def report(
    gradebook: Annotated[Path, typer.Argument(help="The gradebook's file.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The folder; an earlier site in it is replaced.")
    ],
    reports: Annotated[
        Path | None,
        typer.Option(help="What batch --report wrote: these pages, with pictures, are taken."),
    ] = None,
    similarity: Annotated[
        Path | None, typer.Option(help="A report of `similarity -o`: its pairs become flags.")
    ] = None,
    leaderboard: Annotated[
        bool, typer.Option("--leaderboard", help="Also a page of accuracies under pseudonyms.")
    ] = False,
    salt: Annotated[
        str,
        typer.Option(
            envvar=SALT, show_envvar=True,
            help="The pseudonyms' secret, for the same ones again; else a random one, not kept.",
        ),
    ] = "",
) -> None:  # fmt: skip
    """Make the class page: a folder of pages to open in a browser, for those who teach."""
    from ..gradebook import Gradebook
    from ..similarity.report import read_flags
    from ..site.build import pages, prepare
    from ..site.folder import check_place, write_site
    from ..site.pseudonyms import new_salt
    from ..site.reports import Reports

    if salt and not leaderboard and salt != os.environ.get(SALT):
        raise UsageError("--salt goes with --leaderboard")
    check_place(output)
    students = Reports(reports)
    similar = read_flags(similarity) if similarity else None
    with Gradebook(gradebook, create=False, writing=False) as book:
        grades = book.current()
    if not grades:
        raise UsageError(f"{gradebook}: no grades are in it yet; python -m grader batch puts some")
    with working(f"pages of {len(grades)} students"):
        site = prepare(grades, similar, (salt or new_salt()) if leaderboard else None)
        size = write_site(output, pages(site, students.page))
    typer.echo(
        f"{output / 'index.html'}: {len(grades)} student{'s' * (len(grades) != 1)}, "
        f"{size / 1e6:.1f} MB. It holds names and marks: keep it from students.",
        err=True,
    )
    if reports and students.rendered:
        typer.echo(
            f"{students.rendered} of the students' pages have no pictures: {reports} has no page "
            "of the grade that counts",
            err=True,
        )
    if leaderboard:
        typer.echo(f"{output / 'leaderboard.html'} names nobody: publish it alone.", err=True)
