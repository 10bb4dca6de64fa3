"""The grader's end of a worker: requests out, replies in, limits enforced while waiting."""

from __future__ import annotations

import contextlib
import queue
import secrets
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
    Asleep,
    Crashed,
    GraderError,
    NotImplementedYet,
    OutOfMemory,
    Raised,
    StudentFailure,
    Tampered,
    TimedOut,
)
from .limits import Limits
from .sandbox import Box, Sandbox, usage
from .worker import wire

Arrays = dict[str, np.ndarray]
START_WALL_S = 300.0  # a cold `import torch` on a loaded machine; no student code runs in it
POLL_S = 0.1
READ_AHEAD = 4  # frames
KEPT_OUTPUT = 16 << 10
SIGNALLED = 128
ASLEEP_SHARE = 0.01  # of a core, in a call that ran out of wall time; a crowded machine gives more


@dataclass(frozen=True)
class Reply:
    """What the worker answered."""

    value: Any
    arrays: Arrays


class _Frames:
    """The frames that a worker sends, read by a thread of its own, a few ahead at most."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._waiting: queue.Queue[tuple[wire.Header, bytes] | Exception | None]
        self._waiting = queue.Queue(READ_AHEAD)
        self._stopped = threading.Event()

    def get(self, timeout: float) -> tuple[wire.Header, bytes] | None:
        """The next frame; None where the stream has ended.

        Raises:
            queue.Empty: none came in that time.
            WireError, OSError: what came is no frame.
        """
        item = self._waiting.get(timeout=timeout)
        if isinstance(item, Exception):
            raise item
        return item

    def read(self, stream: IO[bytes]) -> None:
        """Read until the stream ends, or until nobody wants any more."""
        with stream:
            try:
                while (frame := wire.read_frame(stream, self._key)) is not None and self._put(
                    frame
                ):
                    pass
            except Exception as error:  # handed to the thread that waits
                self._put(error)
        self._put(None)

    def stop(self) -> None:
        """Let the reading thread end, even where a process that escaped goes on sending."""
        self._stopped.set()

    def _put(self, item: tuple[wire.Header, bytes] | Exception | None) -> bool:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._waiting.put(item, timeout=POLL_S)
                return True
        return False


class Channel:
    """One worker at a time: started when needed, killed when it breaks a limit.

    Args:
        sandbox: how a worker is started and ended.
        new_box: stages a box, for each worker anew.
    """

    def __init__(self, sandbox: Sandbox, new_box: Callable[[], Box]) -> None:
        self._sandbox = sandbox
        self._new_box = new_box
        self._process: Popen[bytes] | None = None
        self._key = b""
        self._frames = _Frames(self._key)
        self._output: list[bytes] = []
        self._sending: threading.Thread | None = None
        self._ready = False
        self._number = 0
        self._fault = ""
        self.starts = 0

    def start(self) -> None:
        """Start a worker without waiting for it; nothing happens where one is alive.

        Raises:
            GraderError: there is no room for its box, or no process to be had.
        """
        if self._process is not None:
            return
        if self._fault:  # what failed once is not tried again in every check
            raise GraderError(self._fault)
        try:
            self._process = self._sandbox.start(self._new_box())
        except OSError as error:
            self._fault = f"the worker could not be started ({_reason(error)})"
            raise GraderError(self._fault) from None
        self._key = secrets.token_bytes(wire.KEY_BYTES)
        self._frames = _Frames(self._key)
        self._ready = False
        self.starts += 1
        out, err = self._process.stdout, self._process.stderr
        assert out is not None, "the sandbox starts workers with pipes"
        assert err is not None
        with contextlib.suppress(OSError):  # a worker that is gone already is seen when it is asked
            assert self._process.stdin is not None
            self._process.stdin.write(self._key)
            self._process.stdin.flush()
        threading.Thread(target=self._frames.read, args=(out,), daemon=True).start()
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
            GraderError: the worker could not be started, though its box is whole.
        """
        self.wait_until_ready()
        assert self._process is not None
        assert self._process.stdin is not None
        # In C order: of other arrays safetensors writes the memory as it lies.
        whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        body = save(whole) if whole else b""
        self._number = secrets.randbits(62)  # what student code writes to the pipe lacks it
        header = {"number": self._number, "operation": operation, "arguments": arguments}
        self._output.clear()
        self._sending = threading.Thread(
            target=_send, args=(self._process.stdin, header, body, self._key), daemon=True
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
        if isinstance(reply, Tampered):
            self.close()
        if isinstance(reply, StudentFailure):
            raise reply
        return reply

    def cpu_s(self) -> float:
        """CPU seconds that the living worker has used so far."""
        return self._usage()[0] if self._process is not None else 0.0

    def printed(self) -> str:
        """What student code printed since the last request, cut to a limit."""
        return b"".join(self._output).decode(errors="replace")

    def close(self) -> None:
        """Kill the worker, if there is one; the threads that read its pipes close them."""
        if self._process is None:
            return
        self._frames.stop()
        self._sandbox.kill(self._process)
        if self._sending is not None:
            self._sending.join(timeout=1)  # the pipe's other end is gone, so it ends at once
        if self._process.stdin is not None and not (self._sending and self._sending.is_alive()):
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None

    def wait_until_ready(self) -> None:
        """Start a worker where none is alive, and wait until it has imported what it needs.

        Raises:
            GraderError: it could not be started, though its box is whole.
        """
        self.start()
        if self._ready:
            return
        if said := self._first_words():
            self._fault = f"the worker did not start ({said})"
            raise GraderError(self._fault)
        self._ready = True

    def _first_words(self) -> str:
        """What a worker said instead of being ready; "" where it is."""
        try:
            frame = self._frames.get(timeout=START_WALL_S)
        except queue.Empty:
            self.close()
            return f"no answer within {START_WALL_S:g} s"
        except (OSError, wire.WireError) as error:
            self.close()
            return _reason(error)
        if frame is not None and frame[0].get("ready") is True:
            return ""
        printed = self.printed().strip().splitlines()
        self.close()
        return printed[-1][:200] if printed else "it said nothing"

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
                if frame[0].get("number") != self._number:
                    raise Crashed(f"{what}: an answer that nobody asked for: does it fork?")
                if "event" not in frame[0]:
                    return frame
                if on_event is not None:
                    on_event(frame[0]["event"])
            cpu_s, resident, processes = self._usage()
            cpu_before = cpu_s if cpu_before is None else cpu_before
            _enforce(what, limits, cpu_s - cpu_before, time.monotonic() - started)
            if resident > limits.memory_mb << 20:
                raise OutOfMemory(f"{what}: it used more than {limits.memory_mb} MB of memory")
            if processes > limits.processes:
                raise Crashed(f"{what}: it started more than {limits.processes} processes")

    def _usage(self) -> tuple[float, int, int]:
        assert self._process is not None
        return usage(self._sandbox.members(self._process))

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
        kind = Asleep if cpu_s < ASLEEP_SHARE * wall_s else TimedOut
        raise kind(
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
        if cell := last.get("place"):  # the author of a notebook has no such file
            where = f" ({cell})"
    if kind == "not_implemented":
        return NotImplementedYet(f"not implemented yet: {text or 'the stub is still there'}{where}")
    first_line = text.strip().splitlines()[0][:400] if text.strip() else ""
    message = f"{name}: {first_line}{where}" if first_line else f"{name}{where}"
    failures = {"out_of_memory": OutOfMemory, "tampered": Tampered}
    return failures.get(kind, Raised)(message)


def _send(stream: IO[bytes], header: wire.Header, body: bytes, key: bytes) -> None:
    """Write one frame; a worker that is gone is seen by the thread that reads."""
    with contextlib.suppress(OSError, ValueError):
        wire.write_frame(stream, header, body, key)


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
