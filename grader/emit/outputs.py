"""Where each format goes: a file that is named, the place its platform looks at, or the output.

`KIND=FILE` names the file. `KIND` alone goes to the platform's place where its surroundings are
there (see `platform_place`), else to standard output, which has room for one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from datasets.errors import DataError
from datasets.files import write_whole

from ..errors import GraderError, UsageError
from ..text import did_you_mean
from . import classroom50, github, markdown
from .formats import KINDS, Settings, emit
from .running import RunningFile
from .student_copy import for_student, student_record

if TYPE_CHECKING:
    from ..plan import Plan
    from ..record import Record

STUDENTS_LOG = ("github", "classroom50", "autolab")  # their platforms show students the output


@dataclass(frozen=True)
class Target:
    """One output.

    Attributes:
        kind: the format.
        path: its file; None where it goes to standard output, or where GitHub's runner wants it.
    """

    kind: str
    path: Path | None


class Outputs:
    """All that was asked for with `--emit`, checked before anything is graded.

    Args:
        wishes: `KIND` or `KIND=FILE`, as they were typed.
        settings: what the formats need besides.

    Raises:
        UsageError: an unknown format, a file that cannot be written, two for standard output.
    """

    def __init__(self, wishes: Sequence[str], settings: Settings) -> None:
        self._settings = settings
        self._in_workflow = github.is_workflow(settings.environment)
        self._targets = [self._parse(wish) for wish in wishes]
        if len(printed := [t.kind for t in self._targets if self._is_printed(t)]) > 1:
            raise UsageError(
                f"--emit: {' and '.join(printed)} cannot both go to standard output; "
                f"name a file: --emit {printed[0]}=FILE"
            )

    @property
    def takes_stdout(self) -> bool:
        """Whether standard output is for a format, so that nothing else may be printed there."""
        return any(self._is_printed(target) for target in self._targets)

    def shown(self, record: Record) -> Record:
        """The record as the log may show it: where students read the log, their copy."""
        is_theirs = any(target.kind in STUDENTS_LOG for target in self._targets)
        return student_record(record) if is_theirs else record

    @contextlib.contextmanager
    def running(self, plan: Plan) -> Iterator[Sequence[RunningFile]]:
        """The files that are written again after each check.

        A grading that fails meanwhile leaves one without a score there: a file whose checks all
        wait would be a zero.
        """
        if plan.hidden and self._settings.leaderboard:
            raise UsageError("--leaderboard: it would show every student figures of hidden data")
        files = [RunningFile(t.path, plan) for t in self._targets if t.path and _grows(t)]
        try:
            yield files
        except Exception as error:
            for file in files:
                file.fail(str(error))
            raise

    def write(self, record: dict[str, Any]) -> None:
        """Write the files, and what GitHub's runner wants.

        Raises:
            GraderError: one cannot be written, though it could when the grading began; or the
                record is no grade and the format says so by its absence.
        """
        faults = []
        for target in self._targets:
            try:
                if target.path is not None:
                    _write(target.path, emit(record, target.kind, self._settings))
                elif target.kind == "github" and self._in_workflow:
                    self._write_step(for_student(record))
            except GraderError as fault:  # the other files are written all the same
                faults.append(fault)
        if faults:
            raise faults[0]

    def print(self, record: dict[str, Any], stdout: TextIO, log: TextIO) -> None:
        """Print the format that goes to standard output, and annotations to the log."""
        for target in self._targets:
            if self._is_printed(target):
                stdout.write(emit(record, target.kind, self._settings))
            elif target.kind == "github" and self._in_workflow:
                log.write(github.annotate(for_student(record), self._settings.folder))
        log.flush()
        stdout.flush()

    def _parse(self, wish: str) -> Target:
        kind, equals, name = wish.partition("=")
        if kind not in KINDS:
            raise UsageError(
                f"--emit {kind}: there is no such format; "
                f"{did_you_mean(kind, KINDS)}there are {', '.join(KINDS)}"
            )
        if equals and not name:
            raise UsageError(f"--emit {wish}: name a file after the =")
        if kind == "classroom50":
            classroom50.check_environment(self._settings.environment)
        if not name:
            return Target(kind, platform_place(kind, self._settings))
        path = Path(name)
        if not path.parent.is_dir():
            raise UsageError(f"--emit {wish}: its folder is not there; make it first")
        if path.exists() and not path.is_file():
            raise UsageError(f"--emit {wish}: it is no regular file; name another")
        if not os.access(path.parent, os.W_OK):
            raise UsageError(f"--emit {wish}: its folder cannot be written to")
        return Target(kind, path)

    def _is_printed(self, target: Target) -> bool:
        return target.path is None and not (target.kind == "github" and self._in_workflow)

    def _write_step(self, record: dict[str, Any]) -> None:
        """Append to the step's summary and outputs."""
        texts = {
            "GITHUB_STEP_SUMMARY": markdown.render(record),
            "GITHUB_OUTPUT": github.step_output(record, self._settings.folder),
        }
        for variable, text in texts.items():
            if name := self._settings.environment.get(variable):
                try:
                    with Path(name).open("a", encoding="utf-8") as file:
                        file.write(text)
                except OSError as error:
                    raise GraderError(f"{name}: cannot be written ({error.strerror})") from None


def platform_place(kind: str, settings: Settings) -> Path | None:
    """Where a platform looks for its file, if this is the platform; else None.

    Gradescope: `results/results.json` under `AUTOGRADER_ROOT` (`/autograder`), where that folder
    is. PrairieLearn: `results/results.json` under `GRADE_ROOT` (`/grade`). Classroom 50:
    `result.json` in the current folder; its variables have to be there anyway.
    """
    if kind == "gradescope":
        folder = Path(settings.environment.get("AUTOGRADER_ROOT", "/autograder")) / "results"
        return folder / "results.json" if folder.is_dir() else None
    if kind == "prairielearn":
        root = Path(settings.environment.get("GRADE_ROOT", "/grade"))
        if not root.is_dir():
            return None
        with contextlib.suppress(OSError):  # PrairieLearn does not make it
            (root / "results").mkdir(exist_ok=True)
        return root / "results" / "results.json"
    if kind == "classroom50":
        return Path("result.json")
    return None


def _grows(target: Target) -> bool:
    return target.kind == "gradescope"


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, lambda file: file.write(text.encode()))
    except DataError as error:
        raise GraderError(str(error)) from None
