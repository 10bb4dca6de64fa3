"""One grading in a process of its own: whatever becomes of it, this one goes on.

The process is forked, so it starts with all that is imported and loaded already. It ends with the
process that forked it, and student code runs in neither of the two.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, NoReturn

from datasets.errors import DataError

from ..errors import GraderError, UsageError
from ..interrupts import interruptible
from ..text import one_line

PR_SET_PDEATHSIG = 1
TIDY_S = 15.0
MAX_ANSWER = 64 << 20
Answer = dict[str, Any]


class HungUp(Exception):  # noqa: N818 (it is what has happened)
    """Whoever asked for the grading is gone."""


def grade_apart(
    grade: Callable[[], dict[str, Any]], limit_s: float, asker: Connection | None = None
) -> Answer:
    """Run a grading in a process of its own.

    Args:
        grade: makes the answer, a record of schema osr-grade/1 in it.
        limit_s: wall seconds, after which it is ended.
        asker: nothing is read from it; when it hangs up, the grading is ended.

    Returns:
        What `grade` made, `{"record": …}` with or without its `"gallery"`, or `{"fault": why the
        grader failed, in one line}`.

    Raises:
        HungUp: the asker is gone.
    """
    answer, say = Pipe(duplex=False)
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        answer.close()
        if asker is not None:
            asker.close()
        _be_the_child(grade, say, parent)
    say.close()
    try:
        return _await(answer, asker, child, limit_s)
    finally:
        answer.close()
        _end(child)


def _await(answer: Connection, asker: Connection | None, child: int, limit_s: float) -> Answer:
    watched: Sequence[Connection] = [answer, *([asker] if asker else [])]
    ready = wait(watched, limit_s)
    if answer in ready:
        try:
            read = json.loads(answer.recv_bytes(MAX_ANSWER))
        except (EOFError, OSError, ValueError):
            return {"fault": f"the grading process ended early{_how(child)}"}
        return read if isinstance(read, dict) else {"fault": "the grading process babbles"}
    if ready:
        raise HungUp
    return {"fault": f"the grading took more than {limit_s:g} s and was ended"}


def _be_the_child(grade: Callable[[], dict[str, Any]], say: Connection, parent: int) -> NoReturn:
    """Grade, say what came of it, and end without running what the parent has prepared for its end.

    Being asked to end raises KeyboardInterrupt, so that boxes and folders are cleared away.
    """
    code = 1
    gc.freeze()  # what was there before is not looked through again, and so its memory stays shared
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal asks all; the parent passes it on
        with interruptible():
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() == parent:  # else it ended before it could be followed
                say.send_bytes(_written(_answer(grade)))
        code = 0
    except BaseException:  # interrupted, or nobody listens: the parent sees that nothing came
        code = 1
    finally:
        os._exit(code)


def _answer(grade: Callable[[], dict[str, Any]]) -> Answer:
    try:
        return grade()
    except (GraderError, UsageError, DataError) as error:
        return {"fault": one_line(str(error), 500)}
    except MemoryError:
        return {"fault": "the grading process has no memory left"}
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return {"fault": one_line(f"{place}: {type(error).__name__}: {error}", 500)}


def _written(answer: Answer) -> bytes:
    """An answer as JSON; NaN, which the gradebook refuses, is this grading's fault alone."""
    try:
        return json.dumps(answer, allow_nan=False).encode()
    except ValueError as error:
        return json.dumps({"fault": one_line(f"its record is no JSON: {error}")}).encode()


def _how(child: int) -> str:
    """How a process ended, which has closed its pipe; it is left for `_end` to reap."""
    with contextlib.suppress(OSError, AttributeError):
        told = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        if told is not None and told.si_code in (os.CLD_KILLED, os.CLD_DUMPED):
            return f" ({signal.Signals(told.si_status).name})"
    return ""


def _end(child: int) -> None:
    """Reap a child; one that still runs is asked to tidy up first, then killed."""
    if _is_reaped(child, 0.2):  # it has answered, and is about to go
        return
    for number, patience_s in ((signal.SIGTERM, TIDY_S), (signal.SIGKILL, TIDY_S)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)
        if _is_reaped(child, patience_s):
            return


def _is_reaped(child: int, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            if os.waitpid(child, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
