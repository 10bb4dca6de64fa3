"""`python -m assignment.train`: train on known digits, and save weights, history and pictures.

Given, not graded. The training itself is in `fit.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.core import TyperCommand

from datasets.command_line import Data, VersionOption, one_line_errors

# torch takes seconds to import: `--help` and wrong options should not wait for it.
if TYPE_CHECKING:
    from rich.console import Console

    from datasets import Profile

    from .history import History
    from .model import OpenSetModel

FOLDER = Path(__file__).resolve().parent
RUNS = FOLDER.parent / "runs"
EXIT_STUDENT, EXIT_USAGE = 1, 2

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Device(str, Enum):
    """Where to compute."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class UsageError(Exception):
    """What the user asked for cannot be done; one line."""


@app.command(cls=one_line_errors({}, kind=TyperCommand))
def train(
    data: Annotated[Data, typer.Option(help="auto: mnist where its files are.")] = Data.auto,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Instead of the recipe's own number.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1)] = 0,
    device: Annotated[Device, typer.Option(help="auto: a GPU where there is one.")] = Device.auto,
    out: Annotated[
        Path | None,
        typer.Option(
            help="One folder for all files. By default the weights go beside your modules, where "
            "the grader looks for them, and history and pictures into runs/."
        ),
    ] = None,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show all of an error in your code.")
    ] = False,
    version: VersionOption = False,
) -> None:
    """Train your model: tasks 1 to 4 have to be done."""
    from rich.console import Console

    console = Console(highlight=False)
    with _one_line(console, traceback):
        weights, runs = _folders(out)
        profile = _load(data, console)
        model, history = _fit(profile, seed, epochs, _device(device), console)
        _save(model, history, profile, weights, runs)
        _report(history, weights, runs, console)


@contextmanager
def _one_line(console: Console, traceback: bool) -> Iterator[None]:
    """Turn what a user or a student can cause into one line and an exit code."""
    from datasets import DataError

    from .trouble import describe, is_open_task

    def stop(line: str, code: int) -> NoReturn:
        console.print(line, style="red", markup=False, soft_wrap=True)
        raise typer.Exit(code)

    try:
        yield
    except (UsageError, DataError) as error:
        stop(str(error), EXIT_USAGE)
    except Exception as error:
        if is_open_task(error):
            stop(f"still to do: {describe(error, FOLDER)}", EXIT_USAGE)
        if traceback:
            raise
        stop(f"{describe(error, FOLDER)} (all of it: --traceback)", EXIT_STUDENT)


def _folders(out: Path | None) -> tuple[Path, Path]:
    """Pick and make the folders for the weights and for the rest, before minutes of training."""
    folders = (FOLDER, RUNS) if out is None else (out, out)
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"cannot write to {folder}: {error.strerror}; try --out DIR"
            ) from error
        if not os.access(folder, os.W_OK):
            raise UsageError(f"cannot write to {folder}: permission denied; try --out DIR")
    return folders


def _load(data: Data, console: Console) -> Profile:
    """Load the data, and say which and why."""
    import datasets

    choice = datasets.choose(data.value)
    console.print(f"data: {choice.name} ({choice.reason})", markup=False, soft_wrap=True)
    return datasets.load(choice.name)


def _device(device: Device) -> str:
    """Settle "auto", and make sure that the device is there."""
    # Both are read when torch is imported. Operations that Apple's GPUs lack run on the CPU, among
    # them the gradient of distances. Threads that wait for each other go to sleep soon: where
    # another program has a core, spinning made a step ten times slower.
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    import torch

    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device is Device.auto:
        return next(name for name in there if there[name])
    name = str(device.value)
    if not there[name]:
        raise UsageError(f"there is no {name} device here: take --device auto")
    return name


def _fit(
    profile: Profile, seed: int, epochs: int | None, device: str, console: Console
) -> tuple[OpenSetModel, History]:
    """Train with a progress bar."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from . import fit
    from .recipe import recipe_for

    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    shown = console.is_terminal  # no bar in a log file
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=None, epoch="1", loss="-")

        def show(now: fit.Progress) -> None:
            bar.update(
                task,
                completed=now.step,
                total=now.steps,
                epoch=f"{now.epoch}/{now.epochs}",
                loss=f"{now.losses.total:.3f}",
            )

        return fit.train_model(
            profile.name,
            profile.train.images,
            profile.train.labels,
            profile.heldout.images,
            profile.heldout.labels,
            seed=seed,
            recipe=recipe_for(profile.name, epochs),
            device=device,
            mixed_precision=True,
            on_step=show,
        )


def _save(
    model: OpenSetModel, history: History, profile: Profile, weights: Path, runs: Path
) -> None:
    """Write weights, history and pictures, each whole or not at all."""
    from .files import write_whole
    from .pictures import draw_pictures

    try:
        # First, because the pictures are only for looking at.
        model.save(weights / "weights.safetensors", profile.name)
        write_whole(runs / "history.json", history.to_json().encode())
        for name, picture in draw_pictures(model, history, profile).items():
            write_whole(runs / name, picture)
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or runs}: {error.strerror}") from error


def _report(history: History, weights: Path, runs: Path, console: Console) -> None:
    """Print what came of it, and what to do next."""
    from rich.table import Table

    rows = {
        "closed-set accuracy, held-out digits": f"{history.heldout_accuracy:.2%}",
        "threshold": f"{history.threshold:.4f}",
        "held-out digits rejected": f"{history.heldout_rejection:.2%}",
        "time": f"{history.seconds:.1f} s on {history.device}",
    }
    table = Table(show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
    pictures = ", ".join(sorted(file.name for file in runs.glob("*.png")))
    lines = [
        f"weights: {weights / 'weights.safetensors'}",
        f"history and pictures ({pictures}): {runs}",
    ]
    if weights == FOLDER:
        lines.append("next: python -m grader grade assignment")
    else:
        lines.append(
            "next: copy the weights beside your modules, python -m grader grade assignment"
        )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


if __name__ == "__main__":
    if not __package__:
        typer.echo("error: run it from the folder above: python -m assignment.train", err=True)
        sys.exit(EXIT_USAGE)
    app()
