"""Secrets planted around a grading: nothing that leaves the box may hold one of them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PREFIX = "osr-canary-"  # attacks look for it in files and in memory
VARIABLE = "OSR_CANARY"
# A line of each that stands nowhere in a submission.
PROJECT_FILES = (
    "grader/oracles.py",
    "grader/grading.py",
    "grader/rubric.toml",
    "solutions/strip.py",
)


@dataclass(frozen=True)
class Canaries:
    """Texts that are secret, by the place they are in."""

    texts: dict[str, str]

    def found_in(self, content: bytes) -> set[str]:
        """The places whose secret is in some bytes."""
        return {place for place, text in self.texts.items() if text.encode() in content}

    @property
    def longest(self) -> int:
        """The length of the longest secret."""
        return max(len(text.encode()) for text in self.texts.values())


@contextlib.contextmanager
def planted(field: Path) -> Iterator[Canaries]:
    """Secrets in the home folder and in `field`: beside the submission and in `hidden/`.

    Those for the environment and the command line are the caller's to set.
    """
    tokens = {
        place: PREFIX + secrets.token_hex(16)
        for place in ("environment", "command line", "home", "beside the submission", "hidden data")
    }
    files = {
        "home": Path.home() / f".{PREFIX}{secrets.token_hex(4)}",
        "beside the submission": field / "beside.txt",
        "hidden data": field / "hidden" / "hidden.npz",
    }
    (field / "hidden").mkdir()
    with contextlib.ExitStack() as stack:
        for place, file in files.items():
            stack.callback(file.unlink, missing_ok=True)
            file.write_text(tokens[place], encoding="utf-8")
        yield Canaries(tokens | {name: _first_line(ROOT / name) for name in PROJECT_FILES})


def _first_line(file: Path) -> str:
    """The first line of a file with something in it."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if len(line) > 20)
