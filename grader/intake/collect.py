"""What a reader has found so far, and the limits on it: sizes are counted, never believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ..errors import UsageError
from ..text import one_line
from . import limits
from .names import is_hidden, is_notebook, is_read, place

PIECE = 256 << 10
ALONE = "hand in the assignment alone"
# Why something is left, where its name does not say it.
LINK = "a link, which is not followed: hand in the file itself"
NO_FILE = "no regular file"
OUTSIDE = "its path leads outside the archive: pack the folder itself"
TOO_DEEP = f"more than {limits.MAX_DEPTH} folders down"
LARGE = f"notebooks of more than {limits.MAX_NOTEBOOK >> 20} MB are not read: clear its outputs"
MANY = f"more than {limits.MAX_NOTEBOOKS >> 20} MB of notebooks are not read"


class Damaged(Exception):  # noqa: N818 (it is what the archive is)
    """The bytes are not what their format says."""


class Intake:
    """The files of one submission.

    Attributes:
        files: contents by path inside the submission.
        notebooks: notebooks' contents, which count where there are no modules.
        left: names of what was found and not read.
        reasons: why, by name, for those of them whose name does not say it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = 0
        self._hidden = 0
        self._taken = 0
        self._taken_of_notebooks = 0
        self._unpacked = 0
        self._may_unpack = limits.MAX_UNPACKED
        self.files: dict[PurePosixPath, bytes] = {}
        self.notebooks: dict[PurePosixPath, bytes] = {}
        self.left: list[str] = []
        self.reasons: dict[str, str] = {}

    def refusal(self, reason: str) -> UsageError:
        """The error that says why this submission cannot be used."""
        return UsageError(f"{one_line(str(self._path), 1000)}: {reason}")

    def count(self, name: str) -> None:
        """Count one more entry, taken or not; a repository's `.git` alone may hold thousands."""
        inside = place(name)
        if inside is not None and is_hidden(inside):
            self._hidden += 1
        else:
            self._entries += 1
        if self._entries > limits.MAX_ENTRIES or self._hidden > limits.MAX_HIDDEN:
            raise self.too_many()

    def too_many(self) -> UsageError:
        """The error for more entries than there may be."""
        return self.refusal(f"more than {limits.MAX_ENTRIES} files; {ALONE}")

    def limit_unpacking(self, archive_size: int) -> None:
        """Allow an archive of this size to unpack to so much and no more."""
        by_ratio = max(limits.SMALL, limits.MAX_RATIO * archive_size)
        self._may_unpack = min(limits.MAX_UNPACKED, by_ratio)
        if archive_size > limits.MAX_UNPACKED:
            raise self.refusal(f"larger than {limits.MAX_UNPACKED >> 20} MB; {ALONE}")

    def unpack(self, size: int) -> None:
        """Count bytes that were unpacked, or that a member says it unpacks to."""
        self._unpacked += size
        if self._unpacked > self._may_unpack:
            raise self.refusal(f"it unpacks to more than {self._may_unpack >> 20} MB; {ALONE}")

    def admit_member(self, name: str, *, regular: bool, link: bool = False) -> PurePosixPath | None:
        """As `admit`, for a name in an archive, which may be anything."""
        inside = place(name)
        if inside is None:
            self.leave(name, OUTSIDE)
            return None
        return self.admit(inside, regular=regular, link=link)

    def admit(
        self, inside: PurePosixPath, *, regular: bool, link: bool = False
    ) -> PurePosixPath | None:
        """The path if its content is wanted; else None, and it is left.

        Raises:
            UsageError: it was there before; which is meant is not for the grader to guess.
        """
        if is_hidden(inside):
            return None
        deep = len(inside.parts) > limits.MAX_DEPTH + 1
        if not regular or not is_read(inside) or deep:
            reason = LINK if link else NO_FILE if not regular else TOO_DEEP if deep else ""
            self.leave(str(inside), reason)
            return None
        if inside in self.files or inside in self.notebooks:
            raise self.refusal(f"{one_line(str(inside))} is in it twice; pack it again")
        return inside

    def leave(self, name: str, reason: str = "") -> None:
        """Note the name of what is not read, and why where the name does not say it."""
        short = name if len(name) <= limits.MAX_NAME else f"{name[: limits.MAX_NAME]}…"
        self.left.append(short)
        if reason:
            self.reasons[short] = reason

    def take(self, inside: PurePosixPath, size: int, read: Callable[[int], bytes]) -> None:
        """Read a file, which says it is of this size, to its end."""
        if is_notebook(inside):
            self._take_notebook(inside, size, read)
            return
        room = min(limits.MAX_FILE, limits.MAX_TOTAL - self._taken)
        content = b"" if size > room else read_up_to(read, room + 1)
        if max(size, len(content)) > room:
            raise self.refusal(
                f"{one_line(str(inside))} is too large (limits: {limits.MAX_FILE >> 20} MB a file, "
                f"{limits.MAX_TOTAL >> 20} MB in all)"
            )
        self.files[inside] = content
        self._taken += len(content)

    def _take_notebook(
        self, inside: PurePosixPath, size: int, read: Callable[[int], bytes]
    ) -> None:
        """Read a notebook; one that is too large is left, for modules may lie beside it."""
        largest = limits.MAX_NOTEBOOK
        content = b"" if size > largest else read_up_to(read, largest + 1)
        if max(size, len(content)) > largest:
            self.leave(str(inside), LARGE)
        elif self._taken_of_notebooks + len(content) > limits.MAX_NOTEBOOKS:
            self.leave(str(inside), MANY)
        else:
            self.notebooks[inside] = content
            self._taken_of_notebooks += len(content)


def read_up_to(read: Callable[[int], bytes], size: int) -> bytes:
    """So many bytes, fewer only where they end; memory is used for bytes that came, no others."""
    pieces = []
    while size and (piece := read(min(size, PIECE))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
