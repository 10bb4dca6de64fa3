"""`python -m tests.browser`: pictures of the pages, for a person to look at."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests.browser.chromium import NoBrowserError, started
from tests.browser.material import PAGES, make_class, make_hostile
from tests.browser.test_look import THEMES, WIDTHS

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Pages in a real browser."""


@app.command()
def screenshots(
    output: Annotated[Path, typer.Option("-o", "--output", help="A folder; made where missing.")],
    page: Annotated[str, typer.Option(help="This page alone.")] = "",
) -> None:
    """Every page in two widths and two themes, of a made-up class and of a hostile one."""
    output.mkdir(parents=True, exist_ok=True)
    kinds = [page] if page else PAGES
    try:
        with tempfile.TemporaryDirectory() as name, started() as browser:
            classes = {"": make_class(Path(name)), "hostile-": make_hostile(Path(name))}
            for width, theme in itertools.product(WIDTHS, THEMES):
                for (who, material), kind in itertools.product(classes.items(), kinds):
                    tab = browser.new_page(
                        viewport={"width": width, "height": 900}, color_scheme=theme
                    )
                    tab.goto(material.files[kind].as_uri())
                    path = output / f"{who}{kind}-{width}-{theme}.png"
                    tab.screenshot(path=path, full_page=True)
                    tab.close()
                    typer.echo(path)
    except NoBrowserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    app(prog_name="python -m tests.browser")
