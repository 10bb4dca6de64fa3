"""A box that bubblewrap has built and in which nobody works yet, and a worker forked into it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from . import seccomp
from .bwrap import (
    INSIDE_BOX,
    INSIDE_SCRATCH,
    PROCESSES,
    command,
    new_user,
    system_call_filter,
)
from .environment import worker_arguments
from .tree import kill_tree
from .warm_link import NotWarmError, WarmProcess, read_until

# Holds the box until it is told its worker's exit code, with which it ends; without one, by 70.
WAIT = ("/bin/sh", "-c", 'echo && read -r code && exit "$code"; exit 70')
ANSWER_S = 30.0
PID = re.compile(rb"^pid (\d+)$", re.MULTILINE)
IN_THE_BOX = re.compile(rb"^in$", re.MULTILINE)


@dataclass(frozen=True)
class WaitingBox:
    """A box in which a shell waits for an exit code.

    Attributes:
        process: bubblewrap; its standard input is the shell's.
        first: the number of the box's first process.
    """

    process: subprocess.Popen[bytes]
    first: int


def build(root: Path) -> WaitingBox:
    """Build a box over `root` in which somebody waits.

    Raises:
        NotWarmError: it was not built.
        OSError: there is no room, or no process to be had.
    """
    with contextlib.ExitStack() as stack:
        info, informant = _pipe(stack, stack)
        number, descriptors = stack.enter_context(system_call_filter())
        process = subprocess.Popen(  # noqa: S603 (the command is our own)
            command(WAIT, root, number, informant.fileno()),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            pass_fds=(*descriptors, informant.fileno()), env={}, start_new_session=True,
        )  # fmt: skip
        informant.close()
        try:
            assert process.stdout is not None
            if not read_until(process.stdout.fileno(), bool, ANSWER_S):
                raise NotWarmError("bubblewrap did not build the box")
            about = read_until(info.fileno(), lambda text: b"}" in text, ANSWER_S)
            return WaitingBox(process, int(json.loads(about)["child-pid"]))
        except BaseException as error:
            discard(process)
            if isinstance(error, ValueError | KeyError | TypeError):
                raise NotWarmError("bubblewrap did not say which process is the first") from None
            raise


def discard(process: subprocess.Popen[bytes]) -> None:
    """End a box in which nobody works."""
    kill_tree(process.pid)
    with process:  # closes its pipes
        process.kill()


def fork_into(box: WaitingBox, warm: WarmProcess) -> psutil.Process | None:
    """Let a worker be forked into a box, and put its pipes in the place of the waiting shell's.

    Returns:
        The worker; None where it has ended already.

    Raises:
        NotWarmError: there is none.
        OSError: no pipe is to be had.
    """
    process = box.process
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
        standard_input, requests = _pipe(theirs, ours)
        replies, standard_output = _pipe(ours, theirs)
        printed, standard_error = _pipe(ours, theirs)
        answers, answering = _pipe(theirs, theirs)
        first = os.pidfd_open(box.first)
        theirs.callback(os.close, first)
        # From here on the number stands for that process: is it the one that bubblewrap started?
        if psutil.Process(box.first).ppid() != process.pid:
            raise NotWarmError("the box has ended")
        given = (standard_input, standard_output, standard_error, answering)
        ending = process.stdin.fileno()
        warm.ask(_task(box.first), [*(stream.fileno() for stream in given), first, ending])
        for stream in (*given, process.stdin, process.stdout):
            stream.close()  # only the warmed side may hold them now, so that their end is seen
        answer = read_until(answers.fileno(), lambda _: False, ANSWER_S)
        number = PID.search(answer)
        if number is None or not IN_THE_BOX.search(answer):
            said = PID.sub(b"", answer).decode(errors="replace").strip()
            raise NotWarmError(said[:200] or "the warmed process did not answer")
        process.stdin, process.stdout, process.stderr = requests, replies, printed
        ours.pop_all()
    try:
        return psutil.Process(int(number[1]))
    except psutil.Error:
        return None


def _task(first: int) -> dict[str, object]:
    """What the warmed process is told of a box: nothing that its worker may not know."""
    as_root = os.geteuid() == 0
    return {
        "pid": first,
        "folder": INSIDE_SCRATCH,
        "argv": worker_arguments(INSIDE_BOX),
        "filter": (seccomp.program() or b"").hex(),
        "user": new_user() if as_root else None,
        "processes": PROCESSES if as_root else None,
    }


def _pipe(
    reader: contextlib.ExitStack, writer: contextlib.ExitStack
) -> tuple[IO[bytes], IO[bytes]]:
    """A pipe's two ends, each in the care of somebody."""
    read, write = os.pipe()
    return reader.enter_context(os.fdopen(read, "rb")), writer.enter_context(os.fdopen(write, "wb"))
