"""A module as copydetect's tokens, and the line that each of them came from.

copydetect drops comments and spaces and writes one letter for every name and every string, so that
other names and other comments change nothing. A *token* here is one character of that text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from copydetect.utils import filter_code
from numpy.typing import NDArray

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Source:
    """One file of a submission.

    Attributes:
        name: the file's.
        lines: its text.
        tokens: what copydetect makes of it.
        line_of: int (len(tokens),), the line, from 1, that each token came from.
    """

    name: str
    lines: tuple[str, ...]
    tokens: str
    line_of: NDArray[np.int64]


def read_source(name: str, content: bytes) -> Source:
    """Turn a module's bytes into tokens; nothing of it is run, and any bytes will do."""
    text = content.decode("utf-8", "replace").removeprefix(BYTE_ORDER_MARK)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # Without blank lines: they hold no tokens, and the lexer takes the square of their number.
    kept = np.array([at for at, line in enumerate(lines, start=1) if line.strip()] or [1])
    body = "\n".join(lines[at - 1] for at in kept)
    tokens, offsets = filter_code(body, "module.py", "python")
    places = _places(len(tokens), offsets)
    ends = np.flatnonzero(np.frombuffer(body.encode("utf-32-le"), dtype="<u4") == ord("\n"))
    line_of = kept[np.minimum(np.searchsorted(ends, places, side="left"), len(kept) - 1)]
    return Source(name, tuple(lines), tokens, line_of)


def _places(count: int, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in the text each token begins.

    `offsets` holds pairs of a token's index and how many characters were dropped before it. At the
    name of a class copydetect 0.5 puts the length of that name instead, seen as a number that does
    not lie between its neighbours; the one before it is right but for a space.
    """
    index, dropped = offsets[:, 0], offsets[:, 1].copy()
    for entry in range(1, len(dropped) - 1):
        if not dropped[entry - 1] <= dropped[entry] <= dropped[entry + 1]:
            dropped[entry] = dropped[entry - 1]
    tokens = np.arange(count)
    return tokens + dropped[np.minimum(np.searchsorted(index, tokens), len(index) - 1)]
