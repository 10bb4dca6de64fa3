"""Opening one attempt: its files, or why it is no submission, or what the machine lacks."""

from __future__ import annotations

import errno
from dataclasses import replace

from ..errors import GraderError, UsageError
from ..intake import limits
from ..intake.collect import read_up_to
from ..intake.folder import open_regular
from ..submission import Given, Submission, open_submission
from ..temporary import temporary_folder
from ..text import one_line
from .work import Work

# The others, as of a seek to nowhere, are what a damaged archive leads to.
OF_THE_MACHINE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EIO, errno.ENOENT, errno.ESTALE, errno.EMFILE, errno.ENFILE,
     errno.ENOMEM}
)  # fmt: skip


class Unusable(Exception):  # noqa: N818 (it is a verdict on the submission)
    """The submission's own fault: it is empty, damaged, a bomb, or none at all."""


def open_work(work: Work, given: Given) -> Submission:
    """Read an attempt into memory.

    Args:
        work: which.
        given: the given files, which are never taken from a submission.

    Raises:
        Unusable: it cannot be graded, and never will be as it is; one line says why.
        GraderError: it cannot be read now: it has vanished, or the machine does not let us.
    """
    try:
        if work.loose:
            return replace(_open_loose(work, given), name=one_line(work.source))
        return _open(work, given)
    except OSError as error:
        raise GraderError(f"it cannot be read ({error.strerror})") from None


def _open(work: Work, given: Given) -> Submission:
    path = work.path
    if not path.exists():
        raise GraderError("it was there a moment ago, and has vanished")
    try:
        return open_submission(path, given)
    except UsageError as error:
        reason = str(error).removeprefix(f"{one_line(str(path), 1000)}: ")
        cause = error.__context__
        if isinstance(cause, OSError) and cause.errno in OF_THE_MACHINE:
            raise GraderError(reason) from None
        raise Unusable(reason) from None


def _open_loose(work: Work, given: Given) -> Submission:
    """Files that were handed in one by one, put together as the folder that they came from."""
    with temporary_folder() as folder:
        for name, path in work.loose:
            if "/" in name or "\\" in name or "\0" in name or len(name) > limits.MAX_NAME:
                continue
            file = open_regular(path)
            if file is None:
                continue
            with file:  # a byte more than is taken, so that a larger one is refused as such
                (folder / name).write_bytes(read_up_to(file.read, limits.MAX_FILE + 1))
        return _open(replace(work, path=folder, loose=()), given)
