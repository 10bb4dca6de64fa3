"""One line of the comparison: what ours takes, what the other takes, and the ratio of the two."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from typing import Any

from .timing import quotients, spread


def row(
    what: str, ours: Sequence[float], peer: str, theirs: Sequence[float], note: str = ""
) -> dict[str, Any]:
    """A line as plain data.

    Args:
        what: What was done.
        ours: Seconds, one a round.
        peer: Who did it too.
        theirs: Seconds of theirs, in the same rounds.
        note: What a reader has to know besides.
    """
    return {
        "what": what,
        "ours_s": spread(ours),
        "peer": peer,
        "peer_s": spread(theirs),
        "times_as_fast": quotients(theirs, ours),
        "rounds": len(ours),
        "note": note,
    }


def named(package: str) -> str:
    """A package with its version."""
    return f"{package} {importlib.metadata.version(package)}"
