"""A folder of submissions as documents, each opened as carefully as for a grade, and none run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..staging import ASSIGNMENT, given_files
from ..submission import ARCHIVES, MODULES, open_submission
from ..text import one_line
from .document import Document, given_fingerprints, make_document


@dataclass(frozen=True)
class Opened:
    """What was found.

    Attributes:
        documents: what can be compared.
        left_out: what cannot, by name, with the reason; a line each.
    """

    documents: tuple[Document, ...]
    left_out: dict[str, str]


def open_all(folder: Path, references: Sequence[Path] = (), given: Sequence[Path] = ()) -> Opened:
    """Open this year's submissions and the earlier years'.

    Args:
        folder: holds a folder or an archive for each submission.
        references: folders of earlier years, laid out alike.
        given: more files or folders of code that every student has, beside the assignment's own.

    Raises:
        UsageError: a folder is missing, is a submission itself, or holds none that can be read.
    """
    known = _fingerprints_of(given)
    documents: list[Document] = []
    left_out: dict[str, str] = {}
    for place in (folder, *references):
        if place is not folder and place.resolve() == folder.resolve():
            raise UsageError(f"{place}: it is the folder of submissions itself, no earlier year's")
        found = len(documents)
        for entry in _list(place):
            shown = entry.name if place is folder else f"{place.name}/{entry.name}"
            name = one_line(shown)
            try:
                documents.append(_open(len(documents), name, entry, known, place is not folder))
            except (UsageError, ValueError) as error:
                left_out[name] = one_line(
                    str(error).removeprefix(f"{one_line(str(entry), 1000)}: ")
                )
        if len(documents) == found:
            reason = f": {next(iter(left_out.values()))}" if left_out else ""
            raise UsageError(f"{place}: no submission in it can be read{reason}")
    return Opened(tuple(documents), left_out)


def _open(
    number: int, name: str, path: Path, given: NDArray[np.int64], is_reference: bool
) -> Document:
    files = open_submission(path, frozenset(given_files())).files
    return make_document(number, name, files, given, is_reference=is_reference)


def _list(folder: Path) -> list[Path]:
    """The submissions in a folder; loose files of other kinds are an LMS's or the instructor's."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read ({error.strerror})") from None
    if any(entry.name.removesuffix(".py") in MODULES for entry in entries):
        raise UsageError(f"{folder}: it is one submission; name the folder that holds them all")
    return [
        entry
        for entry in entries
        if not entry.name.startswith((".", "__"))
        and (entry.is_dir() or entry.name.lower().endswith(tuple(ARCHIVES)))
    ]


def _fingerprints_of(given: Sequence[Path]) -> NDArray[np.int64]:
    return given_fingerprints(
        content for place in (ASSIGNMENT, *given) for content in _modules(place)
    )


def _modules(place: Path) -> Iterator[bytes]:
    try:
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        yield from (file.read_bytes() for file in files)
    except OSError as error:
        raise UsageError(f"{place}: cannot be read ({error.strerror})") from None
