"""A submission as bytes, to be graded in another process or on another machine.

The same submission makes the same bytes: a line of JSON, then the files' contents in its order.
"""

from __future__ import annotations

import json

from ..submission import Submission


def pack(submission: Submission) -> bytes:
    """A submission as bytes."""
    header = {
        "name": submission.name,
        "ignored": submission.ignored,
        "advice": submission.advice,
        "notes": submission.notes,
        "files": [[name, len(content)] for name, content in sorted(submission.files.items())],
    }
    contents = [submission.files[name] for name in sorted(submission.files)]
    return b"".join([json.dumps(header).encode(), b"\n", *contents])


def unpack(parcel: bytes) -> Submission:
    """The submission that was packed.

    Raises:
        ValueError: the bytes are no parcel.
    """
    line, _, contents = parcel.partition(b"\n")
    header = json.loads(line)
    files, start = {}, 0
    for name, size in header["files"]:
        files[name] = contents[start : start + size]
        start += size
    if start != len(contents):
        raise ValueError("the parcel is not as long as it says")
    return Submission(
        header["name"], files, tuple(header["ignored"]), tuple(header["advice"]),
        notes=tuple(header["notes"]),
    )  # fmt: skip
