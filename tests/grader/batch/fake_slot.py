"""A slot whose gradings only pretend: what a module's first line says happens.

Run as `python -m tests.grader.batch.fake_slot DESCRIPTOR`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from grader.batch.slot import connect, serve
from grader.errors import GraderError
from grader.submission import Submission
from grader.temporary import temporary_folder


def grade(submission: Submission) -> dict[str, Any]:
    order, _, argument = submission.files["threshold.py"].decode().strip("# \n").partition(" ")
    if order == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "exit":
        os._exit(0)
    if order == "raise":
        raise ValueError("an\x1b[2J escape")
    if order == "fault":
        raise GraderError("the machine fails the grader")
    if order == "fill":
        return {"record": {"name": "x" * (65 << 20)}}
    if order == "nan":
        return {"record": {"score": float("nan")}}
    if order == "kill-slot":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    if order == "wait":
        with temporary_folder() as folder:
            Path(argument).write_text(f"{os.getpid()}\n{folder}\n")
            time.sleep(600)
    record = {"name": submission.name, "pid": os.getpid(), "slot": os.getppid()}
    return {"record": record}


if __name__ == "__main__":
    asker, message = connect(sys.argv[1])
    serve(asker, grade, message["limit_s"])
