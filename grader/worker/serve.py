"""The worker: takes control of its process, then answers requests until the stream ends."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import torch
from safetensors.torch import load, save

from . import guard, wire
from .failures import describe_failure
from .limits import limit_resources
from .operations import OPERATIONS, Room, keep_float32
from .trust import Trust


def main(box: Path) -> None:
    """Serve the submission staged in `box` over what were standard input and output.

    A thread does it: Python lets the main thread alone handle signals, and hands a handler the
    frame that it has interrupted.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_serve, box).result()


def _serve(box: Path) -> None:
    own = os.getpid()
    requests, replies = take_pipes()
    key = requests.read(wire.KEY_BYTES)  # known to this frame alone, which nobody can look into
    send = functools.partial(wire.write_frame, replies, key=key)
    limit_resources()
    trusted = Trust(Path(__file__).parent)
    sealed = guard.seal(__package__, trusted)
    guard.stop_peeking(trusted)
    room = Room(package=box / "assignment")
    send({"ready": True})
    while (frame := wire.read_frame(requests, key)) is not None:
        header, body = frame
        answer, tensors = respond(room, header, load(body) if body else {}, send)
        if os.getpid() != own:
            os._exit(1)  # a process that student code has forked does not answer
        try:
            sealed.check()
        except guard.TamperedError as error:
            failure = describe_failure(error, room.package) | {"kind": "tampered"}
            answer, tensors = {"failure": failure}, {}
        answer["number"] = header["number"]
        try:
            send(answer, save(tensors) if tensors else b"")
        except wire.WireError as error:
            too_large = ValueError(f"what it returned is too large ({error})")
            failure = describe_failure(too_large, room.package)
            send({"failure": failure, "number": header["number"]})


def take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Move the grader's pipes from descriptors 0 and 1 to private ones.

    What student code reads from standard input is empty, and what it prints goes to standard
    error, which the grader keeps as output to show and never parses. The private descriptors are
    not inherited by child processes (PEP 446).
    """
    requests, replies = os.dup(0), os.dup(1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return os.fdopen(requests, "rb"), io.BufferedWriter(os.fdopen(replies, "wb", buffering=0))


def respond(
    room: Room,
    header: dict[str, Any],
    tensors: dict[str, torch.Tensor],
    send: Callable[[dict[str, Any]], None],
) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Carry out one request; whatever student code raises becomes data."""

    def report(event: dict[str, Any]) -> None:
        send({"number": header["number"], "event": event})

    try:
        keep_float32()
        value, results = OPERATIONS[header["operation"]](room, header["arguments"], tensors, report)
        return {"value": value}, results
    except BaseException as error:  # SystemExit and KeyboardInterrupt are student failures too
        return {"failure": describe_failure(error, room.package)}, {}
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # student code may have closed or replaced it
                stream.flush()
