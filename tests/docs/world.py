"""A folder in which the documents' commands can run as they are printed.

`lab/` is a copy of the checkout, with what the commands name in it: SUBMISSION, FOLDER, inbox,
gradebooks, a record, an LMS's files. Beside it lie the hidden bundle and last year's work, as an
instructor would keep them. `student/` is what a student has: a release.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from datasets.bundle import write_bundle
from datasets.hidden import make_hidden
from grader.gradebook import Gradebook
from solutions.release.order import Order, Verify
from solutions.release.release import release
from solutions.stubs import MODULES, REFERENCE
from tests.docs.pages import ROOT, Page, files
from tests.grader.gradebook.builders import make_grade
from tests.grader.statistics.records import record

STUDENTS = ("ada", "bob")
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Open-Set Lab (4711)
    Points Possible,,,,,100.00
"Lovelace, Ada",900,ada,ada@example.edu,A,
"Burke, Bob",901,bob,bob@example.edu,A,
"""
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    "Participant ada,Ada Lovelace,ada@example.edu,Submitted for grading - ,,100.00,Yes,-,-,\n"
)
WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    output: str


@dataclass(frozen=True)
class World:
    """The folder.

    Attributes:
        root: holds all of it.
        folder: `lab` or `student`, in which commands are run.
    """

    root: Path
    folder: Path

    def run(self, command: str) -> Done:
        """Run a command as somebody would who has activated the environment."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=1800,
            check=False,
        )
        return Done(done.returncode, done.stdout)

    def apply(self, page: Page) -> None:
        """Do what a page's blocks say: files that have a name are written, differences applied."""
        for block in page.changes:
            if block.language == "diff":
                # git's way to say where a file's part begins; without it --recount runs on.
                patch = re.sub(
                    r"^--- a/(.*)$", r"diff --git a/\1 b/\1\n\g<0>", block.text, flags=re.M
                )
                command = ["git", "apply", "--recount", "-"]
                subprocess.run(command, cwd=self.folder, input=patch, text=True, check=True)
            else:
                path = self.folder / block.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        """This process's, without what could change what a command says or does."""
        dropped = ("OSR_", "PYTHON", "PYTEST", "GITHUB_", "VIRTUAL_ENV", "COLUMNS", "MAKE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return kept | {"PATH": f"{self.folder / '.venv' / 'bin'}{os.pathsep}{kept['PATH']}"}


def make_lab(root: Path, weights: Path | None = None) -> World:
    """What an instructor has.

    Args:
        root: is made.
        weights: of the reference; they are handed in with every submission.
    """
    lab = root / "lab"
    for path in files():
        (lab / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, lab / path)
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *arguments], cwd=lab, check=True, capture_output=True)
    _virtual_environment(lab)
    for name in ("SUBMISSION", "inbox/ada", "inbox/bob", "FOLDER/ada", "../last-year/old"):
        _hand_in(lab / name, weights)
    (lab / "inbox/ada/helper.py").write_text("# Ada's own\n", encoding="utf-8")
    shutil.make_archive(str(lab / "inbox/bob"), "zip", lab / "inbox/bob")
    shutil.rmtree(lab / "inbox/bob")
    for name in ("grades", "marks", "class"):
        with Gradebook(lab / f"{name}.sqlite") as book:
            for student in STUDENTS:
                book.add(make_grade(student, student, record=record()))
    (lab / "record.json").write_text(json.dumps(record()), encoding="utf-8")
    (lab / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    (lab / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    (lab / "site.toml").write_text('queue = "teaching"\n', encoding="utf-8")
    known, unknowns = make_hidden("digits", root, seed=1, known=50, per_family=20)
    write_bundle(root / "hidden.npz", known, unknowns, profile="digits", seed=1)
    return World(root, lab)


def make_student(root: Path, weights: Path | None = None) -> World:
    """What a student has; with weights, one who has filled in everything."""
    folder = root / "student"
    release(Order(folder, verify=Verify.none), lambda _: None)
    _virtual_environment(folder)
    if weights:
        _hand_in(folder / "assignment", weights)
        (folder / "assignment" / WEIGHTS).unlink()
    return World(root, folder)


def _hand_in(folder: Path, weights: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for module in MODULES:
        shutil.copy(REFERENCE / f"{module}.py", folder)
    if weights:
        shutil.copy(weights, folder / WEIGHTS)


def _virtual_environment(folder: Path) -> None:
    """A `.venv` that make takes for its own, with this process's Python in it."""
    binaries = folder / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for name in ("python", "python3"):
        (binaries / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (binaries / name).chmod(0o755)
    (binaries / "activate").touch()
    for stamp in (".ok", ".dev"):
        (folder / ".venv" / stamp).touch()
