"""`python -m tests.faults.under FAULT grade …`: the command, with one fault in its own process."""

from __future__ import annotations

import datetime
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grader.cli
from grader import channel, grading, record
from grader.channel import Channel
from grader.sandbox import PlainSandbox, bwrap

HOURS = 3600.0
RECORD_LIMIT = 1000  # bytes: less than any record
STAGING_LIMIT = 3000  # bytes: less than the largest staged file

Start = Callable[..., "subprocess.Popen[bytes]"]


def clock_jumps() -> None:
    """Each look at the wall clock is hours from the last one, either way."""
    rng, true_time = random.Random(0), time.time

    class Jumping(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return datetime.datetime.fromtimestamp(time.time(), tz)

    time.time = lambda: true_time() + rng.uniform(-12, 12) * HOURS
    grading.datetime.datetime = Jumping  # type: ignore[misc]


def record_breaks_off() -> None:
    """The disk takes the beginning of the record only."""
    _before_saving(lambda _: _limit_files(RECORD_LIMIT))


def staging_breaks_off() -> None:
    """The disk takes the beginning of a staged file only."""
    _limit_files(STAGING_LIMIT)


def becomes_read_only() -> None:
    """The output folder's file system turns read-only while the grading runs."""
    _before_saving(
        lambda path: subprocess.run(["mount", "-o", "remount,ro", str(path.parent)], check=True)
    )


def bundle_vanishes() -> None:
    """The hidden bundle is there when the grading begins, and gone when it is needed."""
    true_load = grading.load_trial

    def load(data: str, hidden: Path | None) -> grading.Trial:
        assert hidden is not None
        hidden.unlink()
        return true_load(data, hidden)

    grading.load_trial = load


def worker_exits() -> None:
    """What is started ends at once."""
    _start_instead("pass")


def worker_babbles() -> None:
    """What is started says something else than a worker."""
    _start_instead("import time\nprint('hello, I am no worker' * 9, flush=True)\ntime.sleep(60)")


def worker_is_silent() -> None:
    """What is started never answers."""
    channel.START_WALL_S = 2.0
    _start_instead("import time\ntime.sleep(600)")


def worker_cannot_start() -> None:
    """There are no more processes to be had."""

    def start(self: PlainSandbox, box: object) -> subprocess.Popen[bytes]:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    PlainSandbox.start = start  # type: ignore[method-assign]


def worker_cannot_start_again() -> None:
    """The first worker starts; after its end there are no more processes to be had."""
    true_start = Channel.start

    def start(self: Channel) -> None:
        if self.starts and self._process is None:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        true_start(self)

    Channel.start = start  # type: ignore[method-assign]


def quick_probe() -> None:
    """No fault: a bubblewrap that hangs is given up sooner."""
    bwrap.PROBE_S = 2.0


def _start_instead(code: str) -> None:
    """Start another program in place of the worker."""

    def start(self: PlainSandbox, box: object) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", code]
        return subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )

    PlainSandbox.start = start  # type: ignore[method-assign]


def _before_saving(act: Callable[[Path], object]) -> None:
    true_save = record.save_record

    def save(path: Path, made: record.Record) -> Path:
        act(path)
        return true_save(path, made)

    record.save_record = save


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


if __name__ == "__main__":
    globals()[sys.argv.pop(1)]()
    grader.cli.app(prog_name="python -m grader")
