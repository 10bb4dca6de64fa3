"""`python -m tests.classroom`: a class of forty, graded; and graded under fire."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.classroom.handing_in import ROOT, hand_in, train
from tests.classroom.roll import Student, roll
from tests.classroom.soak import differences, disturbed, undisturbed
from tests.faults.lab import FaultError, adopt_orphans

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Count = Annotated[int, typer.Option(min=2, help="How many students.")]
Seed = Annotated[int, typer.Option(min=0, help="Of who hands in what.")]


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(help="Is made anew: submissions/, canvas.csv.")],
    students: Count = 40,
    seed: Seed = 0,
    weights: Annotated[Path | None, typer.Option(help="Trained ones; else they are made.")] = None,
) -> None:
    """Write what a class hands in."""
    console = Console(stderr=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if weights is None:
        console.print("training one model for all of them")
        with tempfile.TemporaryDirectory() as workshop:
            weights = shutil.copy(train(Path(workshop) / "w"), folder / "weights.safetensors")
    people = roll(students, seed)
    hand_in(people, folder / "submissions", weights)
    write_canvas(people, folder / "canvas.csv")
    console.print(f"{students} submissions are in {folder / 'submissions'}")


@app.command()
def demo(folder: Path = Path("build/class"), students: Count = 40, seed: Seed = 0) -> None:
    """Make a class, grade it, and show what an instructor gets out of it."""
    kept = folder.parent / f"{folder.name}-weights.safetensors"
    make(folder, students, seed, kept if kept.is_file() else None)
    if (folder / "weights.safetensors").is_file():
        (folder / "weights.safetensors").rename(kept)
    book = folder / "grades.sqlite"
    _grader("batch", folder / "submissions", "--gradebook", book, "--data", "digits")
    _grader("export", book, "--to", "csv", "-o", folder / "grades.csv")
    template = folder / "canvas.csv"
    _grader("export", book, "--to", "canvas", "--template", template, "-o", folder / "upload.csv")
    _grader("stats", book, "--plot", folder / "class.png")


@app.command()
def soak(
    tries: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    students: Count = 40,
    seed: Seed = 0,
    task: Annotated[str, typer.Option(help="Grade this task alone.")] = "threshold",
) -> None:
    """Kill a batch at random moments, go on, and compare with an undisturbed one."""
    adopt_orphans()
    console, bad = Console(highlight=False), 0
    options = ["--data", "digits", "--train", "never", *(["--task", task] if task else [])]
    with tempfile.TemporaryDirectory(prefix="osr-class-") as name:
        root = Path(name)
        root.chmod(0o755)
        submissions = hand_in(roll(students, seed), root / "submissions")
        expected = root / "expected.sqlite"
        lasts_s = undisturbed(submissions, expected, options)
        console.print(f"undisturbed: {students} submissions in {lasts_s:.0f} s")
        for number in range(tries):
            found = root / f"try-{number}.sqlite"
            try:
                rng = random.Random(f"{seed} {number}")
                kills = disturbed(submissions, found, options, rng, lasts_s)
                lines = differences(expected, found)
            except FaultError as fault:
                kills, lines = 0, (str(fault),)
            bad += bool(lines)
            console.print(f"try {number + 1}: {kills} kills, {'; '.join(lines) or 'the same'}")
    console.print(f"{tries - bad} of {tries} tries gave the same gradebook")
    raise typer.Exit(1 if bad else 0)


def write_canvas(people: list[Student], path: Path) -> None:
    """A gradebook as Canvas exports it, for some of the class and for one who handed in nothing."""
    lines = ["Student,ID,SIS User ID,SIS Login ID,Section,Open-Set Lab (4711)"]
    lines += ["    Points Possible,,,,,100.00"]
    lines += [f'"{p.name}",{900 + n},{p.id},{p.id}@example.edu,A,' for n, p in enumerate(people)]
    lines += ['"Zola Nobody",999,s999,s999@example.edu,A,']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _grader(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    print(f"$ python -m {' '.join(command[2:])}", flush=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code not in (0, 3):  # 3: a submission met a fault of the grader's own, as it says
        raise typer.Exit(code)


if __name__ == "__main__":
    app()
