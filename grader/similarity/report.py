"""What was found, as data (schema osr-similarity/1), and read again as flags of a gradebook."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .document import Document
    from .opening import Opened
    from .pairs import Block, Pair, Side

SCHEMA = "osr-similarity/1"
EVIDENCE = (
    "Evidence to read, not a verdict: code can be alike by chance, by a shared source that was "
    "allowed, or because a task leaves few ways to solve it. Read the lines, then ask the students."
)
TOO_LONG = "too long to compare"
MOST_LINES = 3  # of one student, as flags
MOST_WITH_BLOCKS = 500  # pairs; a class that copies from one another makes tens of thousands


def make_report(opened: Opened, pairs: Sequence[Pair], share: float) -> dict[str, Any]:
    """The report on all pairs, the flagged ones with their matching lines.

    Args:
        opened: what was compared and what was left out.
        pairs: all of them, the most alike first.
        share: from which share of common code on a pair is flagged, in (0, 1].
    """
    from .document import RUN
    from .pairs import FEWEST_TOKENS, LONG_RUN, find_blocks, is_flagged

    flagged = [pair for pair in pairs if is_flagged(pair, share)]
    others = [pair.similarity for pair in pairs if not is_flagged(pair, share)]
    return {
        "schema": SCHEMA,
        "read_this": EVIDENCE,
        "settings": {
            "share": share, "long_run": LONG_RUN, "shortest_run": RUN,
            "fewest_tokens": FEWEST_TOKENS,
        },
        "submissions": sum(not document.is_reference for document in opened.documents),
        "references": sum(document.is_reference for document in opened.documents),
        "not_compared": [
            {"name": name, "reason": why, "flag": TOO_LONG if name in opened.too_long else None}
            for name, why in opened.left_out.items()
        ],
        "pairs_compared": len(pairs),
        "below": {  # what the rest of the class looks like, to judge the flagged ones by
            "pairs": len(others),
            "median": round(float(np.median(others)), 4) if others else None,
            "largest": round(max(others), 4) if others else None,
        },
        "pairs": [
            _describe(pair, find_blocks(pair) if rank < MOST_WITH_BLOCKS else None)
            for rank, pair in enumerate(flagged)
        ],
    }  # fmt: skip


def read_flags(path: Path) -> dict[str, list[str]]:
    """A line for the instructor for each flagged pair or submission, by the submissions' names.

    Raises:
        UsageError: the file cannot be read, or is no report of similarity.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: it is no JSON") from None
    flags: dict[str, list[str]] = defaultdict(list)
    try:
        if data["schema"] != SCHEMA:
            raise KeyError
        for missing in data.get("not_compared", ()):
            if missing.get("flag"):
                flags[str(missing["name"])].append(
                    f"{missing['flag']}: {missing['reason']}; read it, for padding hides a copy"
                )
        for pair in data["pairs"]:
            for own, other in (("left", "right"), ("right", "left")):
                mine, theirs = pair[own], pair[other]
                if not mine["is_reference"]:
                    flags[str(mine["name"])].append(
                        f"shares {100 * mine['share']:.0f} % of its own code with {theirs['name']} "
                        f"(longest run: {pair['longest_run']} tokens): read the lines"
                    )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{path}: it is no {SCHEMA} report; make one: python -m grader "
                         "similarity FOLDER -o FILE.json") from None  # fmt: skip
    return {name: _shortened(lines) for name, lines in flags.items()}


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"and {more} pairs more, in the report"] if more > 0 else lines


def _describe(pair: Pair, blocks: list[Block] | None) -> dict[str, Any]:
    return {
        "similarity": round(pair.similarity, 4),
        "tokens": pair.tokens,
        "longest_run": max([pair.run, *(block.tokens for block in blocks or ())]),
        "left": _describe_side(pair.left, pair.left_share),
        "right": _describe_side(pair.right, pair.right_share),
        "blocks": None if blocks is None else [
            {"tokens": block.tokens, "left": _lines(block.left), "right": _lines(block.right)}
            for block in blocks
        ],
    }  # fmt: skip


def _describe_side(document: Document, share: float) -> dict[str, Any]:
    return {
        "name": document.name,
        "is_reference": document.is_reference,
        "own_tokens": document.size,
        "share": round(share, 4),
    }


def _lines(side: Side) -> dict[str, Any]:
    return {"file": side.file, "first": side.first, "last": side.last, "text": side.text}
