"""A worker in reserve: started before it is wanted, so that nobody waits for `import torch`.

For machines without a warmed process to fork from. A worker imports nothing of a submission before
it is asked to, so it can be started on an empty box and be given the modules when they are there.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

import psutil

from grader.temporary import remove_tree

from .box import Box, Sandbox


class ReserveSandbox:
    """Another level's sandbox, with one worker that waits; close it at the end.

    Args:
        inner: starts and ends the workers.
        stage: lays out a box without a submission, in an empty folder.
        root: where the boxes of waiting workers are made; the caller removes it.
    """

    def __init__(self, inner: Sandbox, stage: Callable[[Path], Box], root: Path) -> None:
        self.level, self.isolation = inner.level, inner.isolation
        self._inner, self._stage, self._root = inner, stage, root
        self._spare: tuple[subprocess.Popen[bytes], Box] | None = None
        self._boxes: weakref.WeakKeyDictionary[subprocess.Popen[bytes], Box]
        self._boxes = weakref.WeakKeyDictionary()

    def prepare(self) -> None:
        """Start a worker for the next submission, unless one waits; nobody waits for it here."""
        if self._spare is not None:
            return
        box = self._stage(Path(tempfile.mkdtemp(dir=self._root)))
        with contextlib.suppress(OSError):  # said when a worker is wanted
            self._spare = self._inner.start(box), box

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        """Give the waiting worker the submission in `box`; without one, start one there."""
        spare, self._spare = self._spare, None
        if spare is None:
            return self._inner.start(box)
        process, own = spare
        self._boxes[process] = own
        if process.poll() is not None:
            self.kill(process)
            return self._inner.start(box)
        try:
            for source in (box.root / "assignment").iterdir():
                target = own.root / "assignment" / source.name
                target.write_bytes(source.read_bytes())
                target.chmod(0o644)
        except OSError:  # a full disk: nobody else would end it
            self.kill(process)
            raise
        return process

    def members(self, process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The worker and everything that it started."""
        return self._inner.members(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker and everything that it started, and remove a box of its own."""
        self._inner.kill(process)
        if (own := self._boxes.pop(process, None)) is not None:
            remove_tree(own.root.parent)

    def close(self) -> None:
        """End the waiting worker."""
        spare, self._spare = self._spare, None
        if spare is not None:
            process, self._boxes[process] = spare[0], spare[1]
            self.kill(process)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
