"""The grader's end of a worker: requests out, replies in, limits enforced while waiting."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from subprocess import Popen
from typing import IO, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from .errors import (
    Crashed,
    GraderError,
    NotImplementedYet,
    OutOfMemory,
    Raised,
    StudentFailure,
    TimedOut,
)
from .sandbox import Box, Sandbox, usage
from .worker import wire

Arrays = dict[str, np.ndarray]
Frames = queue.Queue[tuple[wire.Header, bytes] | Exception | None]
START_WALL_S = 300.0  # a cold `import torch` on a loaded machine; no student code runs in it
POLL_S = 0.1
KEPT_OUTPUT = 16 << 10
KEPT_FRAMES = 1  # more would be memory that the worker may fill
DRAIN_S = 1.0
SIGNALLED = 128


@dataclass(frozen=True)
class Limits:
    """What one request may use.

    A budget in CPU seconds is fair on a shared machine; the wall limit, a multiple of it, is for
    code that sleeps.
    """

    cpu_s: float
    wall_s: float
    memory_mb: int
    processes: int


@dataclass(frozen=True)
class Reply:
    """What the worker answered."""

    value: Any
    arrays: Arrays


class Channel:
    """One worker at a time: started when needed, killed when it breaks a limit."""

    def __init__(self, sandbox: Sandbox, box: Box) -> None:
        self._sandbox = sandbox
        self._box = box
        self._process: Popen[bytes] | None = None
        self._frames: Frames = queue.Queue(KEPT_FRAMES)
        self._reading: threading.Thread | None = None
        self._output: list[bytes] = []
        self._sending: threading.Thread | None = None
        self._ready = False
        self._number = 0
        self.starts = 0

    def start(self) -> None:
        """Start a worker without waiting for it; nothing happens where one is alive."""
        if self._process is not None:
            return
        self._process = self._sandbox.start(self._box)
        self._frames = queue.Queue(KEPT_FRAMES)
        self._ready = False
        self.starts += 1
        out, err = self._process.stdout, self._process.stderr
        assert out is not None, "the sandbox starts workers with pipes"
        assert err is not None
        self._reading = threading.Thread(target=_read_frames, args=(out, self._frames), daemon=True)
        self._reading.start()
        threading.Thread(target=_keep_output, args=(err, self._output), daemon=True).start()

    def request(
        self,
        operation: str,
        arguments: dict[str, Any],
        arrays: Arrays,
        limits: Limits,
        what: str,
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> Reply:
        """Ask the worker for one operation and wait for the reply.

        Args:
            operation: a name in `worker.operations`.
            arguments: JSON values.
            arrays: what goes along as tensors.
            limits: what the operation may use.
            what: how to call it when it fails, in the student's words.
            on_event: told of the worker's reports of progress.

        Raises:
            StudentFailure: the student's code raised, crashed, or broke a limit.
            GraderError: the worker could not be started, so no student code has run.
        """
        try:
            self._wait_until_ready()
        except OSError as error:
            message = f"the worker could not be started ({_reason(error)})"
            raise (Crashed if self.starts else GraderError)(message) from None
        assert self._process is not None
        assert self._process.stdin is not None
        body = save(arrays) if arrays else b""
        self._number += 1
        header = {"number": self._number, "operation": operation, "arguments": arguments}
        self._output.clear()
        self._sending = threading.Thread(
            target=_send, args=(self._process.stdin, header, body), daemon=True
        )
        self._sending.start()  # a thread: a worker that student code stopped never reads
        try:
            frame = self._wait_for_reply(what, limits, on_event)
            reply = _parse_reply(*frame)
        except (OSError, wire.WireError, SafetensorError, ValueError, KeyError, TypeError) as error:
            self.close()
            raise Crashed(f"{what}: the worker broke off ({_reason(error)})") from None
        except StudentFailure:
            self.close()
            raise
        if isinstance(reply, StudentFailure):
            raise reply
        return reply

    def cpu_s(self) -> float:
        """CPU seconds that the living worker has used so far."""
        return usage(self._process)[0] if self._process is not None else 0.0

    def printed(self) -> str:
        """What student code printed since the last request, cut to a limit."""
        return b"".join(self._output).decode(errors="replace")

    def close(self) -> None:
        """Kill the worker, if there is one; the threads that read its pipes close them."""
        if self._process is None:
            return
        self._sandbox.kill(self._process)
        self._drain()
        if self._sending is not None:
            self._sending.join(timeout=1)  # the pipe's other end is gone, so it ends at once
        if self._process.stdin is not None and not (self._sending and self._sending.is_alive()):
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None

    def _drain(self) -> None:
        """Let the thread that reads come to the stream's end, for which its queue needs room."""
        end = time.monotonic() + DRAIN_S
        while self._reading and self._reading.is_alive() and time.monotonic() < end:
            with contextlib.suppress(queue.Empty):
                self._frames.get(timeout=0.01)

    def _wait_until_ready(self) -> None:
        self.start()
        if self._ready:
            return
        try:
            frame = self._frames.get(timeout=START_WALL_S)
        except queue.Empty:
            frame = None
        if not isinstance(frame, tuple) or frame[0].get("ready") is not True:
            printed = self.printed().strip().splitlines()
            self.close()
            said = printed[-1] if printed else "it said nothing"
            if self.starts > 1:  # the first one started, so the box was whole
                raise Crashed(f"the worker did not start again, its box is damaged ({said})")
            raise GraderError(f"the worker did not start: {said}")
        self._ready = True

    def _wait_for_reply(
        self, what: str, limits: Limits, on_event: Callable[[dict[str, Any]], None] | None
    ) -> tuple[wire.Header, bytes]:
        assert self._process is not None
        started = time.monotonic()
        cpu_before: float | None = None  # taken at the first look, so that short calls cost none
        while True:
            with contextlib.suppress(queue.Empty):
                frame = self._frames.get(timeout=POLL_S)
                if frame is None:
                    raise Crashed(f"{what}: the process ended without an answer{self._ending()}")
                if isinstance(frame, Exception):
                    raise frame
                if frame[0].get("number") != self._number:
                    raise Crashed(f"{what}: it answered more than once: does it fork?")
                if "event" not in frame[0]:
                    return frame
                if on_event is not None:
                    on_event(frame[0]["event"])
            cpu_s, resident, processes = usage(self._process)
            cpu_before = cpu_s if cpu_before is None else cpu_before
            _enforce(what, limits, cpu_s - cpu_before, time.monotonic() - started)
            if resident > limits.memory_mb << 20:
                raise OutOfMemory(f"{what}: it used more than {limits.memory_mb} MB of memory")
            if processes > limits.processes:
                raise Crashed(f"{what}: it started more than {limits.processes} processes")

    def _ending(self) -> str:
        assert self._process is not None
        with contextlib.suppress(Exception):
            self._process.wait(timeout=1)
        code = self._process.returncode
        if code is None:
            return ""
        number = -code if code < 0 else code - SIGNALLED  # bubblewrap passes a signal on as 128 + n
        return f" (signal {number})" if number > 0 else f" (exit code {code})"


def _enforce(what: str, limits: Limits, cpu_s: float, wall_s: float) -> None:
    if cpu_s > limits.cpu_s:
        raise TimedOut(
            f"{what}: it did not finish within {limits.cpu_s:g} s of CPU time: is there an "
            "endless loop, or a loop in Python over all samples or pairs?"
        )
    if wall_s > limits.wall_s:
        raise TimedOut(
            f"{what}: it did not finish within {limits.wall_s:g} s: does it wait for something?"
        )


def _parse_reply(header: wire.Header, body: bytes) -> Reply | StudentFailure:
    """A reply, or the failure that it reports."""
    if "failure" in header:
        return _parse_failure(header["failure"])
    return Reply(header["value"], load(body) if body else {})


def _parse_failure(failure: dict[str, Any]) -> StudentFailure:
    kind, name, text = (str(failure[key]) for key in ("kind", "type", "message"))
    frames = failure["frames"]
    where = ""
    if frames:
        last = frames[-1]
        where = f" ({last['file']}:{last['line']})"
    if kind == "not_implemented":
        return NotImplementedYet(f"not implemented yet: {text or 'the stub is still there'}{where}")
    first_line = text.strip().splitlines()[0][:400] if text.strip() else ""
    message = f"{name}: {first_line}{where}" if first_line else f"{name}{where}"
    return OutOfMemory(message) if kind == "out_of_memory" else Raised(message)


def _send(stream: IO[bytes], header: wire.Header, body: bytes) -> None:
    """Write one frame; a worker that is gone is seen by the thread that reads."""
    with contextlib.suppress(OSError, ValueError):
        wire.write_frame(stream, header, body)


def _read_frames(stream: IO[bytes], frames: Frames) -> None:
    """Read until the stream ends, no faster than is asked for; the end is a None."""
    with stream:
        try:
            while (frame := wire.read_frame(stream)) is not None:
                if "event" in frame[0] and frame[1]:
                    raise wire.WireError("a report of progress with a body")
                frames.put(frame)
                frame = None  # not held while the next one, as large, is read
        except Exception as error:  # handed to the thread that waits
            frames.put(error)
    frames.put(None)


def _keep_output(stream: IO[bytes], kept: list[bytes]) -> None:
    """Drain what the worker prints, so that it never blocks; keep the beginning."""
    with stream, contextlib.suppress(OSError, ValueError):
        while chunk := stream.read1(4096):  # type: ignore[attr-defined]
            room = KEPT_OUTPUT - sum(map(len, kept))
            if room > 0:
                kept.append(chunk[:room])


def _reason(error: Exception) -> str:
    text = str(error).splitlines()
    return text[0][:200] if text else type(error).__name__
