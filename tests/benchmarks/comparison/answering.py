"""A process that does one thing each time it is asked: so it takes its turn among others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from grader.errors import GraderError


class Answering:
    """A process that is started and ready; asked for nothing, it waits.

    Args:
        command: A program that calls `answer`.
        folder: Where it runs.
        environment: All of its variables.

    Raises:
        GraderError: It did not become ready.
    """

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            self._read()
        except BaseException:
            self.__exit__()
            raise

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def __enter__(self) -> Answering:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # closes its pipes, so that it ends, and waits
            pass

    def __call__(self) -> float:
        """Let it do its thing once; how many seconds it took.

        Raises:
            GraderError: It ended instead.
        """
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> float:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise GraderError("a process of the benchmark ended early; what it said is above")
        return float(line)


def answer(work: Callable[[], float], questions: TextIO, answers: TextIO) -> None:
    """Say that it is ready, then answer each line with the seconds that `work` returns."""
    print(0.0, file=answers, flush=True)
    for _ in questions:
        print(work(), file=answers, flush=True)


def own_output() -> TextIO:
    """Standard output for the answers alone; what else is printed goes to standard error."""
    kept, sys.stdout = sys.stdout, sys.stderr
    return kept
