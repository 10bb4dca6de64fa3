"""`python -m grader export`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import GraderError, UsageError


class Kind(str, Enum):
    """What to export to."""

    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"
    json = "json"


def export(
    gradebook: Annotated[Path, typer.Argument(help="The gradebook's file.")],
    to: Annotated[Kind, typer.Option(help="canvas and moodle fill in the file they exported.")],
    template: Annotated[
        Path | None, typer.Option(help="The file that Canvas or Moodle exported.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; else it is printed.")
    ] = None,
    column: Annotated[
        str,
        typer.Option("--column", "--grade-column", help="Title of the column for the marks."),
    ] = "",
    id_column: Annotated[
        list[str] | None,
        typer.Option(help="Title of a column that tells who it is; may be repeated."),
    ] = None,
) -> None:
    """Write the current grades as CSV or JSON, or into the file that the LMS exported."""
    from ..gradebook import Gradebook
    from ..gradebook.export import Template, export

    for named in filter(None, (gradebook, template)):
        if output is not None and _is_same(output, named):
            raise UsageError(f"-o {output}: that is the file to read; name another to write")
    with Gradebook(gradebook, create=False, writing=False) as book:
        grades = book.current()
    source = Template(template, column, tuple(id_column or ())) if template else None
    content, report = export(grades, to.value, source)
    if output is None:
        _print(content)
    else:
        _write(output, content)
        report.append(f"written to {output}")
    for line in report:
        typer.echo(line, err=True)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    from datasets.errors import DataError
    from datasets.files import write_whole

    try:
        write_whole(path, lambda file: file.write(content))
    except DataError as error:
        raise UsageError(str(error)) from None


def _print(content: bytes) -> None:
    try:
        typer.echo(content, nl=False)
    except OSError as error:
        raise GraderError(f"the result cannot be printed ({error.strerror})") from None
