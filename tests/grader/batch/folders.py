"""Folders as a class or an LMS leaves them, and gradings that only pretend."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.batch.parcel import unpack
from grader.batch.records import blank_record
from grader.batch.settings import Settings
from grader.rubric import load_rubric
from grader.submission import MODULES
from tests.grader.packing import write_folder, write_zip

SETTINGS = Settings("digits")


def modules(mark: str) -> dict[str, bytes]:
    """A submission's files, told apart by their comment."""
    return {f"{name}.py": f"# {mark}\n".encode() for name in MODULES}


def as_folder(path: Path, mark: str) -> Path:
    return write_folder(path, modules(mark))


def as_zip(path: Path, mark: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_zip(path, modules(mark))


def record_of(parcel: bytes, score: float = 50.0, status: str = "graded") -> dict[str, Any]:
    """A record of the submission in a parcel, as a grading would have made it."""
    submission = unpack(parcel)
    blank = blank_record(
        submission.name, submission.sha256, status, "pretended", SETTINGS, load_rubric()
    )
    return blank | {"score": score, "sandbox": "bwrap"}


@dataclass
class Pretended:
    """Graders that answer at once, when they are asked to; they keep what they were sent."""

    room: int = 2
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # by a submission's name
    sent: list[str] = field(default_factory=list)
    most: int = 0
    is_lost: Exception | None = None
    _open: list[Future[dict[str, Any]]] = field(default_factory=list)

    def submit(self, parcel: bytes) -> Future[dict[str, Any]]:
        name = unpack(parcel).name
        self.sent.append(name)
        future: Future[dict[str, Any]] = Future()
        self._open = [*(f for f in self._open if not f.done()), future]
        self.most = max(self.most, len(self._open))
        answer = self.answers.get(name) or {"record": record_of(parcel)}
        if "cancel" in answer:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_result(answer)
        return future

    def check(self) -> None:
        if self.is_lost:
            raise self.is_lost

    def close(self) -> None:
        pass
