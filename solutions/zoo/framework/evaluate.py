"""Run `python -m solutions.zoo.framework.evaluate RUN`: measure a trained run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand

from datasets.command_line import one_line_errors
from datasets.errors import DataError
from solutions.errors import UserError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(cls=one_line_errors({UserError: 2, DataError: 2}, kind=TyperCommand))
def evaluate(
    run: Annotated[Path, typer.Argument(help="The folder of a run, such as runs/2026-01-31_...")],
) -> None:
    """Write metrics, scores and plots of a run folder again, from its checkpoint."""
    from solutions.zoo.framework.command_line import folder_at
    from solutions.zoo.framework.experiment import Experiment

    folder = folder_at(run)
    Experiment.of(folder.read_config()).evaluate(folder, typer.echo)


if __name__ == "__main__":
    app(prog_name="python -m solutions.zoo.framework.evaluate")
