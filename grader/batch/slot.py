"""`python -m grader.batch.slot`: grades submissions one by one, each in a process forked anew.

What all gradings share is imported and loaded once, here. The process holds a connection to whoever
started it, and ends when that hangs up, however it came to its end.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from ..submission import Submission
from .isolated import Answer, HungUp, grade_apart
from .parcel import unpack

if TYPE_CHECKING:
    from ..sandbox import Sandbox
    from ..trial import Trial
    from .settings import Settings

MAX_PARCEL = 256 << 20
Grade = Callable[[Submission], Answer]


def serve(
    asker: Connection, grade: Grade, limit_s: float, prepare: Callable[[], object] = lambda: None
) -> None:
    """Answer each parcel with a record, or with why there is none, until the asker hangs up.

    Args:
        asker: sends parcels, one after another.
        grade: makes an answer, in a process of its own.
        limit_s: of one grading, wall seconds.
        prepare: is called before each, in this process.
    """
    while True:
        try:
            submission = unpack(asker.recv_bytes(MAX_PARCEL))
            prepare()
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
    # Imported here: tests serve with other gradings, and do not wait for this.
    from ..gallery.gather import gather
    from ..gallery.neighbours import prepare_plane
    from ..grading import Graded, grade
    from ..sandbox import WarmSandbox
    from .settings import Settings

    settings = Settings.from_json(message["settings"])
    sandbox, trial = _load(settings)
    if settings.pictures:
        prepare_plane()  # here once, not in each process that is forked

    def grade_one(submission: Submission) -> Answer:
        plan = settings.plan(submission.name)
        answer: Answer = {}

        def look(graded: Graded) -> None:
            answer["gallery"] = gather(graded).to_json()

        record = grade(
            plan, sandbox=sandbox, submission=submission, trial=trial,
            afterwards=look if settings.pictures else None,
        )  # fmt: skip
        return answer | {"record": record.to_json()}

    if isinstance(sandbox, WarmSandbox):
        with sandbox:
            serve(asker, grade_one, message["limit_s"], sandbox.wait_until_warm)
    else:
        serve(asker, grade_one, message["limit_s"])


def _load(settings: Settings) -> tuple[Sandbox | None, Trial | None]:
    """What all gradings share; None of what cannot be had: each grading then says why."""
    from datasets.errors import DataError

    from ..errors import UsageError
    from ..grading import load_trial
    from ..sandbox import choose_sandbox

    sandbox = trial = None
    with contextlib.suppress(DataError, UsageError):
        sandbox, _ = choose_sandbox(settings.sandbox, warm=True)  # warms up while data are loaded
        if not settings.tasks or "accuracy" in settings.tasks:
            trial = load_trial(settings.data, settings.hidden)
    return sandbox, trial


if __name__ == "__main__":
    # One thread: this process forks, and what it computes is small.
    assert os.environ.get("OPENBLAS_NUM_THREADS") == "1", "the batch starts this, not a person"
    main(sys.argv[1])
