"""A submission as one run of tokens with its fingerprints, the given text taken out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from copydetect import CodeFingerprint
from numpy.typing import NDArray

from .tokens import Source, read_source

# The shortest run of tokens that counts, copydetect's own default. With windows of one every run of
# that length is found; longer windows pick by Python's hashes, which differ from run to run.
RUN, WINDOW = 25, 1
MAX_FILE = 64 << 10  # bytes; the five modules of the reference have 3 kB each
MAX_TEXT = 256 << 10  # bytes of a submission
# Between two modules stands a character that no other submission has, so that no run crosses it:
# these, from Unicode's private plane on, are nobody's.
GAPS = 0xF0000


class TooLongError(ValueError):
    """More text than is compared: nobody writes so much, who pads a copy does."""


@dataclass(frozen=True)
class Document:
    """What of a submission is compared.

    Attributes:
        name: the submission's, one printable line.
        sources: its modules, by name.
        starts: int (len(sources),), where each begins in the run of tokens.
        fingerprint: copydetect's, over all modules at once, so that code which moved to another
            module is still found.
        is_reference: it is an earlier year's: compared with, and not looked for.
    """

    name: str
    sources: tuple[Source, ...]
    starts: NDArray[np.int64]
    fingerprint: CodeFingerprint
    is_reference: bool = False

    def place(self, token: int) -> tuple[Source, int]:
        """The module that a token lies in, and its index there."""
        index = int(np.searchsorted(self.starts, token, side="right")) - 1
        return self.sources[index], token - int(self.starts[index])

    @property
    def tokens(self) -> str:
        """All modules' tokens, one character of this submission's own between two modules."""
        return str(self.fingerprint.filtered_code)

    @property
    def size(self) -> int:
        """How many tokens are the student's own, those of runs that were not given."""
        return int(self.fingerprint.token_coverage)


def make_document(
    number: int,
    name: str,
    files: Mapping[str, bytes],
    given: NDArray[np.int64],
    *,
    is_reference: bool = False,
) -> Document:
    """Read a submission's modules.

    Args:
        number: of the submission among those that are compared, from 0.
        name: of the submission.
        files: contents by name; only `.py` files count.
        given: fingerprints of what every student was given, as `given_fingerprints` makes them.
        is_reference: it is an earlier year's.

    Raises:
        TooLongError: more text than is compared; the message says how much.
    """
    modules = {file: content for file, content in files.items() if file.endswith(".py")}
    for file, content in modules.items():
        if len(content) > MAX_FILE:
            raise TooLongError(f"{file} has more than {MAX_FILE >> 10} kB of code")
    if sum(map(len, modules.values())) > MAX_TEXT:
        raise TooLongError(f"its modules have more than {MAX_TEXT >> 10} kB of code")
    sources = tuple(read_source(file, modules[file]) for file in sorted(modules))
    gap = chr(GAPS + number)
    lengths = [len(source.tokens) + len(gap) for source in sources]
    starts = np.cumsum([0, *lengths[:-1]])
    tokens = gap.join(source.tokens for source in sources)
    ignored = np.union1d(given, np.array(_across(tokens, gap), dtype=np.int64))
    fingerprint = CodeFingerprint(
        name, RUN, WINDOW, boilerplate=ignored, filter=False, fp=io.StringIO(tokens)
    )
    return Document(name, sources, starts, fingerprint, is_reference)


def _across(tokens: str, gap: str) -> list[int]:
    """The fingerprints, Python's hashes as copydetect takes them, of runs that hold a gap."""
    places = [place for place, token in enumerate(tokens) if token == gap]
    starts = {start for place in places for start in range(max(0, place - RUN + 1), place + 1)}
    return [hash(tokens[start : start + RUN]) for start in starts]


def given_fingerprints(contents: Iterable[bytes]) -> NDArray[np.int64]:
    """The fingerprints of the stubs and the given files, each once."""
    hashes: set[int] = set()
    for content in contents:
        tokens = read_source("given.py", content).tokens
        made = CodeFingerprint("given", RUN, WINDOW, filter=False, fp=io.StringIO(tokens))
        hashes |= {int(value) for value in made.hashes}
    return np.array(sorted(hashes), dtype=np.int64)
