"""What a grading leaves behind: files outside of its folders, changed files, processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path

import psutil

from tests.submissions.canaries import ROOT
from tests.submissions.packing import MARKER

OPEN = ("/", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr", "/home", "/run", "/mnt")
LEFT_OUT = {"__pycache__", "build", "node_modules"}
SET_CHILD_SUBREAPER = 36  # prctl(2)
END_S = 5.0
Listing = dict[str, tuple[int, int]]


def open_folders() -> list[Path]:
    """Folders that many may write to, or that code is loaded from."""
    names = (tempfile.gettempdir(), *OPEN, *sys.path)
    folders = {Path(name).resolve() for name in names if name}
    return sorted({*folders, Path.home().resolve(), ROOT, ROOT.parent})


def marked_files() -> list[Path]:
    """What attacks have written there: they all name it by the same marker."""
    found = []
    for folder in open_folders():
        with contextlib.suppress(OSError):
            found += [file for file in folder.iterdir() if MARKER in file.name]
    return found


def listing(folder: Path) -> Listing:
    """Size and time of change of each file under a folder, but of those that tools make."""
    found = {}
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT and name[0] != "."]
        for name in (*folders, *names):
            path = Path(top, name)
            with contextlib.suppress(OSError):
                status = path.lstat()
                is_file = name in names  # a folder's size and time change with what is left out
                found[str(path)] = (status.st_size, status.st_mtime_ns) if is_file else (0, 0)
    return found


def differences(before: Listing, after: Listing) -> list[str]:
    """Files that are new, gone or changed."""
    names = sorted(before.keys() | after.keys())
    return [name for name in names if before.get(name) != after.get(name)]


def remove(path: Path) -> None:
    """Remove a file or a folder, so that the next attack is not blamed for it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


class Descendants:
    """The processes that a process started, however they hide.

    On Linux this process adopts the orphans among them, so that one that has left its session and
    its parents is still found; elsewhere those are found that were seen while their parents lived.
    """

    def __init__(self) -> None:
        self._before = set(self._children())
        self._seen: set[psutil.Process] = set()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def look(self) -> None:
        """Note who is there now."""
        self._seen |= set(self._children()) - self._before

    def left_behind(self) -> list[str]:
        """Command lines of those still alive; they are ended, and adopted ones reaped."""
        self.look()
        alive = [process for process in self._seen if _is_alive(process)]
        names = [_command(process) for process in alive]
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(self._seen, timeout=END_S)
        return names

    @staticmethod
    def _children() -> list[psutil.Process]:
        return psutil.Process().children(recursive=True)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:100] or process.name()
    except psutil.Error:
        return f"process {process.pid}"
