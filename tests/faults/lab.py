"""A place for one round of one fault: the command runs in it, and what it leaves is judged."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "solutions" / "reference"
EARLIER = '{"schema": "osr-grade/1", "status": "graded", "score": 15.0}\n'
BUSY = "while True:\n    pass\n"
PATIENCE_S = 30.0
COMMAND_S = 240.0
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


class SkippedError(Exception):
    """The machine cannot have this fault; the text says why."""


class FaultError(AssertionError):
    """The grader ended as it must not."""


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def line(self) -> str:
        """The line that says what went wrong."""
        said = [line for line in self.stderr.splitlines() if line.startswith("error: ")]
        said += [line for line in self.stdout.splitlines() if "the grader itself failed" in line]
        if len(said) != 1:
            raise FaultError(f"{len(said)} clear lines: {self.stderr[-400:]!r}")
        return said[0]


class Lab:
    """Folders of one round: the submission, a temporary folder, and an earlier record."""

    def __init__(self, root: Path, rng: random.Random, number: int) -> None:
        self.root = root
        self.rng = rng
        self.number = number
        self.submission = root / "submission"
        self.temporary = root / "tmp"
        self.out = root / "out"
        self.record = self.out / "record.json"
        shutil.copytree(REFERENCE, self.submission, ignore=shutil.ignore_patterns("__pycache__"))
        self.temporary.mkdir()
        self.out.mkdir()
        self.record.write_text(EARLIER, encoding="utf-8")

    def start(
        self, *options: str | Path, under: str = "", stdout: Any = subprocess.PIPE,
        **environment: str,
    ) -> subprocess.Popen[str]:  # fmt: skip
        """Start a grading of the submission's `threshold`.

        Args:
            options: further options; a later one wins over an earlier one.
            under: a fault of `under.py` that the command runs under.
            stdout: where its standard output goes.
            environment: further variables.
        """
        module = ["tests.faults.under", under] if under else ["grader"]
        settings = {"NO_COLOR": "1", "COLUMNS": "300", "OSR_DATA": os.devnull}
        return subprocess.Popen(
            [sys.executable, "-m", *module, "grade", str(self.submission), "--data", "digits",
             "--task", "threshold", "--json", str(self.record), *map(str, options)],
            cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, **settings, "TMPDIR": str(self.temporary), **environment},
        )  # fmt: skip

    def grade(self, *options: str | Path, under: str = "", **more: Any) -> Ended:
        """Run a grading to its end."""
        return self.end(self.start(*options, under=under, **more))

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a grading; one that hangs is a fault of its own."""
        try:
            stdout, stderr = process.communicate(timeout=COMMAND_S)
        except subprocess.TimeoutExpired:
            raise FaultError(f"it hung for {COMMAND_S:g} s") from None
        finally:
            process.kill()
        if "Traceback" in stderr:
            raise FaultError(f"a traceback: {stderr.strip().splitlines()[-1]}")
        return Ended(process.returncode, stdout or "", stderr)

    def judge(self, ended: Ended, *codes: int, words: str = "") -> str:
        """What every fault has in common; the line that was said.

        Args:
            ended: how the grading ended.
            codes: the exit codes that are right; after 0 the record is new and has full marks.
            words: what the line says.
        """
        self.expect(ended.code in codes, f"exit code {ended.code}, not {codes}: {ended.stderr}")
        self.expect_nothing_left()
        data = self.expect_whole_records()
        if ended.code == 0:
            score = (data.get("status"), data.get("score"), data.get("max_score"))
            self.expect(score == ("graded", 15, 15), f"the reference got {score}")
            return "full marks"
        self.expect(self.record.read_text() == EARLIER, "the earlier record has changed")
        self.expect(words in ended.line, f"{words!r} is not in {ended.line!r}")
        return f"exit code {ended.code}: {ended.line.removeprefix('error: ')}"

    def expect_whole_records(self) -> dict[str, Any]:
        """Nothing but whole records lies in the output folder; gives the one that counts."""
        for path in self.out.iterdir():
            self.expect(path.suffix == ".json" and path.name[0] != ".", f"{path.name} is left")
            try:
                json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                raise FaultError(f"{path.name} is not whole: {error}") from None
        return json.loads(self.record.read_text(encoding="utf-8"))

    def broken_record(self) -> dict[str, Any] | None:
        """The record of a grading that the grader failed, beside the earlier one."""
        path = self.out / "record.grader_error.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def expect_nothing_left(self) -> None:
        """No process of the grading lives, and its temporary folder is empty."""
        self.expect_no_process()
        left = [path.name for path in self.temporary.iterdir()]
        self.expect(not left, f"temporary folders are left: {left}")

    def expect_no_process(self) -> None:
        """No process of the grading lives."""
        deadline = time.monotonic() + PATIENCE_S
        while alive := descendants():
            self.expect(time.monotonic() < deadline, f"processes are left: {alive}")
            time.sleep(0.05)

    def expect(self, holds: bool, message: str) -> None:
        """Raise a fault where something does not hold."""
        if not holds:
            raise FaultError(" ".join(message.split()))


@contextlib.contextmanager
def new_lab(rng: random.Random, number: int) -> Iterator[Lab]:
    """A lab for one round; whatever a fault left alive ends with it."""
    with tempfile.TemporaryDirectory(prefix="osr-faults-") as folder:
        Path(folder).chmod(0o755)
        try:
            yield Lab(Path(folder), rng, number)
        finally:
            for process in descendants():
                with contextlib.suppress(psutil.Error):
                    process.kill()


def adopt_orphans() -> None:
    """Become the parent of what a killed grading leaves, so that it can be seen (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1)


def descendants() -> list[psutil.Process]:
    """Living processes that descend from this one; adopted ones that have ended are reaped."""
    alive = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
            elif process.ppid() == os.getpid():
                process.wait(0)
    return alive


@contextlib.contextmanager
def disk(folder: Path, options: str) -> Iterator[None]:
    """A file system in memory at `folder`, with these options.

    Raises:
        SkippedError: this user may not mount.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise SkippedError("mounting a disk needs root on Linux")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SkippedError(f"mounting is refused here ({done.stderr.strip()})")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
