"""One hostile submission, graded in a process of its own with everything tapped that it sends.

`python -m tests.submissions.attempt JOB SECRET`: the job is a JSON file that names the submission,
the level, the canaries and where to write the result. The secret is there to be found.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psutil

from grader import grading
from grader.errors import GraderError, UsageError
from grader.grading import grade
from grader.plan import Plan
from grader.record import Record
from grader.rubric import Rubric, load_rubric
from grader.sandbox import Box, Sandbox, WarmSandbox, choose_sandbox
from grader.submission import WEIGHTS
from tests.submissions.canaries import Canaries
from tests.submissions.grading import SEED, TASKS
from tests.submissions.patches import REFERENCE

LOOT = re.compile(rb"LOOT: ([^\n]{1,200})")
NEXT_TASKS = ("threshold", "evaluation")  # of the reference, graded after the attack
# Attacks that sleep are cut off sooner than a student's code: it is the same fence.
WALL_S = 15.0
PORT, NAME = 48_611, "\0osr-canary"  # that attacks try to reach
KEPT_LOOT = 20


class Tap:
    """A stream of the worker's that is searched while it is read."""

    def __init__(self, stream: IO[bytes], canaries: Canaries) -> None:
        self._stream = stream
        self._canaries = canaries
        self._end = b""
        self.leaked: set[str] = set()
        self.loot: list[str] = []

    def __enter__(self) -> Tap:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        """Read and search."""
        return self._search(self._stream.read(size))

    def read1(self, size: int = -1) -> bytes:
        """Read what is there, and search."""
        return self._search(self._stream.read1(size))  # type: ignore[attr-defined]

    def _search(self, chunk: bytes) -> bytes:
        text = self._end + chunk
        self.leaked |= self._canaries.found_in(text)
        if len(self.loot) < KEPT_LOOT:
            self.loot += [match.decode(errors="replace") for match in LOOT.findall(text)]
        self._end = text[-self._canaries.longest :]
        return chunk


class TappedSandbox:
    """A sandbox whose workers' streams are tapped."""

    def __init__(self, sandbox: Sandbox, canaries: Canaries) -> None:
        self._sandbox = sandbox
        self._canaries = canaries
        self.taps: list[Tap] = []
        self.cold: set[str] = set()
        self.level = sandbox.level

    @property
    def isolation(self) -> str:
        """What the sandbox gives, in words."""
        return self._sandbox.isolation

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        """Start a worker."""
        process: Any = self._sandbox.start(box)
        if isinstance(self._sandbox, WarmSandbox) and self._sandbox.cold:
            self.cold.add(self._sandbox.cold)
        process.stdout = Tap(process.stdout, self._canaries)
        process.stderr = Tap(process.stderr, self._canaries)
        self.taps += [process.stdout, process.stderr]
        return process

    def members(self, process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The processes of a worker's box."""
        return self._sandbox.members(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker."""
        self._sandbox.kill(process)


def attempt(job: dict[str, Any]) -> dict[str, Any]:
    """Grade a hostile submission, then two tasks of the reference as the next one."""
    canaries = Canaries(job["canaries"])
    wish = "require" if job["level"] == "bwrap" else job["level"]
    with contextlib.ExitStack() as stack:
        sandbox, _ = choose_sandbox(wish, warm=job["warm"])
        if isinstance(sandbox, WarmSandbox):
            stack.callback(sandbox.close)
        attack = _attempt(job, wish, sandbox, canaries)
        following = _grade(REFERENCE, wish, NEXT_TASKS, sandbox)
    return attack | {
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "next": following,
    }


def _attempt(
    job: dict[str, Any], wish: str, sandbox: Sandbox, canaries: Canaries
) -> dict[str, Any]:
    tapped = TappedSandbox(sandbox, canaries)
    load = grading.load_rubric
    grading.load_rubric = _impatient_rubric
    submission = Path(job["submission"])
    has_weights = (submission / WEIGHTS).is_file()  # only the task `accuracy` opens them
    with doors() as arrivals:
        tasks = (*TASKS, *(("accuracy",) if has_weights else ()))
        attack = _grade(submission, wish, tasks, tapped)
        arrived = arrivals()
    grading.load_rubric = load
    leaked = set().union(*(tap.leaked for tap in tapped.taps))
    return attack | {
        "leaked": sorted(leaked | canaries.found_in(json.dumps(attack).encode())),
        "loot": sorted({text for tap in tapped.taps for text in tap.loot} | arrived),
        "cold": sorted(tapped.cold),
    }


def _grade(submission: Path, wish: str, tasks: tuple[str, ...], sandbox: Sandbox) -> dict[str, Any]:
    """A record, or why there is none."""
    plan = Plan(submission, data="digits", tasks=tasks, seed=SEED, sandbox=wish)
    try:
        record = grade(plan, sandbox=sandbox)
    except UsageError as error:
        return {"outcome": "refused", "message": str(error)}
    except GraderError as error:
        return {"outcome": "grader error", "message": str(error)}
    return {"outcome": "graded", "score": record.score, "record": summary(record)}


def summary(record: Record) -> dict[str, Any]:
    """What a record says of each check, and its notes."""
    checks = {
        check.id: {"status": check.status, "score": check.score, "message": check.message}
        for task in record.tasks
        for check in task.checks
    }
    return {"checks": checks, "notes": record.notes, "level": record.sandbox}


def _impatient_rubric() -> Rubric:
    rubric = load_rubric()
    return dataclasses.replace(rubric, limits=dataclasses.replace(rubric.limits, wall_s=WALL_S))


@contextlib.contextmanager
def doors() -> Iterator[Callable[[], set[str]]]:
    """What a box must not reach: a TCP and a UDP port, and an abstract socket, of this machine.

    Where another attempt holds them already, they are there as well. Gives what says whether a
    datagram came, of which the sender learns nothing.
    """
    with contextlib.ExitStack() as stack:

        def open_door(family: int, kind: int, address: Any) -> socket.socket:
            door = stack.enter_context(socket.socket(family, kind))
            door.setblocking(False)
            with contextlib.suppress(OSError):
                door.bind(address)
                if kind == socket.SOCK_STREAM:
                    door.listen()
            return door

        open_door(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT))
        if sys.platform == "linux":
            open_door(socket.AF_UNIX, socket.SOCK_STREAM, NAME)
        mailbox = open_door(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT))

        def arrivals() -> set[str]:
            with contextlib.suppress(OSError):
                return {f"a way to send {mailbox.recv(100)!r}"}
            return set()

        yield arrivals


def main() -> None:
    """Do the job that the command line names."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(job["result"]).write_text(json.dumps(attempt(job)), encoding="utf-8")


if __name__ == "__main__":
    main()
