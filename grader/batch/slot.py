"""`python -m grader.batch.slot`: grades submissions one by one, each in a process forked anew.

What all gradings share is imported and loaded once, here. The process holds a connection to whoever
started it, and ends when that hangs up, however it came to its end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from ..submission import Submission
from .isolated import HungUp, grade_apart
from .parcel import unpack

MAX_PARCEL = 256 << 20
Grade = Callable[[Submission], dict[str, Any]]


def serve(asker: Connection, grade: Grade, limit_s: float) -> None:
    """Answer each parcel with a record, or with why there is none, until the asker hangs up."""
    while True:
        try:
            submission = unpack(asker.recv_bytes(MAX_PARCEL))
            answer = grade_apart(lambda: grade(submission), limit_s, asker)  # noqa: B023
            asker.send_bytes(json.dumps(answer).encode())
        except (EOFError, HungUp, BrokenPipeError, ConnectionResetError):
            return


def connect(descriptor: str) -> tuple[Connection, dict[str, Any]]:
    """The connection that this process was started with, and the first message on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asker = Connection(int(descriptor))
    return asker, json.loads(asker.recv_bytes(MAX_PARCEL))


def main(descriptor: str) -> None:
    """Load what gradings need, and serve."""
    asker, message = connect(descriptor)
    # Imported here: whoever grades otherwise does not wait for it.
    from datasets.errors import DataError

    from ..errors import UsageError
    from ..grading import grade, load_trial
    from ..sandbox import choose_sandbox
    from .settings import Settings

    settings = Settings.from_json(message["settings"])
    try:
        choose_sandbox(settings.sandbox)  # tried here, remembered by every fork
        accuracy = not settings.tasks or "accuracy" in settings.tasks
        trial = load_trial(settings.data, settings.hidden) if accuracy else None
    except (DataError, UsageError):
        trial = None  # each grading meets it again, and says so
    serve(
        asker,
        lambda submission: grade(
            settings.plan(submission.name), submission=submission, trial=trial
        ).to_json(),
        message["limit_s"],
    )


if __name__ == "__main__":
    # One thread: this process forks, and what it computes is small.
    assert os.environ.get("OPENBLAS_NUM_THREADS") == "1", "the batch starts this, not a person"
    main(sys.argv[1])
