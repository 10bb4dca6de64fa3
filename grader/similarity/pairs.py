"""How much of two submissions is the same, for every pair of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from copydetect import compare_files
from numpy.typing import NDArray

from .document import RUN, Document

# What is flagged: pairs that share so much of their own code, or one run as long as a whole module.
# Measured on pairs of independent correct solutions, with no module in common, and on pairs that
# share one module or more (tests/grader/similarity/test_measured.py):
SHARE = 0.5
LONG_RUN = 200  # tokens
# A submission with little code of its own shares much of it by chance: two formulas of the
# threshold task come to this many.
FEWEST_TOKENS = 150


@dataclass(frozen=True)
class Side:
    """Where a block of matching code lies in one submission: lines from 1, both included."""

    file: str
    first: int
    last: int
    text: str


@dataclass(frozen=True)
class Block:
    """The same run of tokens in both submissions."""

    left: Side
    right: Side
    tokens: int


@dataclass(frozen=True)
class Pair:
    """Two submissions.

    Attributes:
        left: one of this year's.
        right: another, or an earlier year's.
        left_share: of its own tokens, the fraction that is found in the right one.
        right_share: the other way round.
        tokens: how many of the left one's are found.
        run: the longest run of tokens that is in both; 0 where none reaches `LONG_RUN`.
    """

    left: Document
    right: Document
    left_share: float
    right_share: float
    tokens: int
    run: int

    @property
    def similarity(self) -> float:
        """The larger share, in [0, 1]: code added around a copy lowers only the other one."""
        return max(self.left_share, self.right_share)


def compare_all(
    documents: Sequence[Document], done: Callable[[int, int], None] = lambda _, __: None
) -> list[Pair]:
    """Compare this year's with each other and with the earlier years'; the most alike first.

    Args:
        documents: all of them; two earlier ones are not compared with each other.
        done: told how many submissions are through, and how many there are.
    """
    current = [document for document in documents if not document.is_reference]
    earlier = [document for document in documents if document.is_reference]
    pairs = []
    for index, left in enumerate(current):
        pairs += [compare(left, right) for right in (*current[index + 1 :], *earlier)]
        done(index + 1, len(current))
    return sorted(
        pairs, key=lambda pair: (-pair.similarity, -pair.tokens, pair.left.name, pair.right.name)
    )


def compare(left: Document, right: Document) -> Pair:
    """Compare two submissions by their fingerprints."""
    tokens, (left_share, right_share), slices = compare_files(left.fingerprint, right.fingerprint)
    spans = _spans(slices[0])
    run = 0
    if max((end - start for start, end in spans), default=0) >= LONG_RUN:  # no run is longer
        run = max(length for _, _, length in _align(left, right, spans))
    return Pair(
        left, right, float(left_share), float(right_share), int(tokens), run * (run >= LONG_RUN)
    )


def is_flagged(pair: Pair, share: float = SHARE) -> bool:
    """Whether a pair is to be read."""
    alike = pair.similarity >= share and pair.tokens >= FEWEST_TOKENS
    return alike or pair.run >= LONG_RUN


def find_blocks(pair: Pair) -> list[Block]:
    """The matching code of a pair, side by side: the longest runs there are, the longest first."""
    slices = compare_files(pair.left.fingerprint, pair.right.fingerprint)[2]
    blocks = [
        Block(_side(pair.left, left, length), _side(pair.right, right, length), length)
        for left, right, length in _align(pair.left, pair.right, _spans(slices[0]))
    ]
    return sorted(blocks, key=lambda block: (-block.tokens, block.left.file, block.left.first))


def _spans(slices: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Starts and ends of what matches in one submission, from copydetect's two rows."""
    return [(int(start), int(end)) for start, end in slices.T.tolist()] if slices.size else []


def _align(
    left: Document, right: Document, spans: list[tuple[int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Cover the matching spans of the left one with runs of the right one, greedily."""
    index = right.fingerprint.hash_idx  # by Python's hash of a run, where that run begins
    for begin, end in spans:
        start = begin
        while start <= end - RUN:
            places = index.get(hash(left.tokens[start : start + RUN]), ())
            runs = [
                (_common(left.tokens, start, end, right.tokens, int(p)), int(p)) for p in places
            ]
            length, place = max(runs, default=(0, 0))
            if length >= RUN:
                yield start, place, length
            start += max(length, 1)


def _common(left: str, start: int, end: int, right: str, place: int) -> int:
    """How many tokens are the same from there on, not further than `end`."""
    length = 0
    while (
        start + length < end
        and place + length < len(right)
        and left[start + length] == right[place + length]
    ):
        length += 1
    return length


def _side(document: Document, token: int, length: int) -> Side:
    source, index = document.place(token)
    last_index = min(index + length, len(source.line_of)) - 1
    first, last = int(source.line_of[index]), int(source.line_of[last_index])
    return Side(source.name, first, last, "\n".join(source.lines[first - 1 : last]))
