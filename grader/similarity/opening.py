"""A folder of submissions as documents, each opened as carefully as for a grade, and none run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..batch.download import opened_download
from ..batch.find import find_class
from ..batch.opening import Unusable, open_work
from ..errors import GraderError, UsageError
from ..staging import ASSIGNMENT, given_files
from ..submission import MODULES
from ..text import one_line
from .document import Document, TooLongError, given_fingerprints, make_document


@dataclass(frozen=True)
class Opened:
    """What was found.

    Attributes:
        documents: what can be compared.
        left_out: what cannot, by name, with the reason; a line each.
        too_long: of those, this year's that have too much text, which is to be looked at.
    """

    documents: tuple[Document, ...]
    left_out: dict[str, str]
    too_long: frozenset[str] = frozenset()


def open_all(folder: Path, references: Sequence[Path] = (), given: Sequence[Path] = ()) -> Opened:
    """Open this year's submissions and the earlier years', of each student the last attempt.

    Args:
        folder: of submissions, or an LMS's bulk download, also as .zip, as a batch takes it.
        references: folders of earlier years, laid out in any of these ways.
        given: more files or folders of code that every student has, beside the assignment's own.

    Raises:
        UsageError: a folder is missing, is a submission itself, or holds none that can be read.
    """
    known = _fingerprints_of(given)
    given_by_us = given_files()
    documents: list[Document] = []
    left_out: dict[str, str] = {}
    too_long: set[str] = set()
    for place in (folder, *references):
        is_reference = place is not folder
        if is_reference and place.resolve() == folder.resolve():
            raise UsageError(f"{place}: it is the folder of submissions itself, no earlier year's")
        _refuse_single(place)
        year = f"{one_line(place.name)}/" if is_reference else ""
        count = len(documents)
        with opened_download(place) as (inside, not_unpacked):
            found = find_class(inside)
            refused = (*not_unpacked, *found.refused)
            left_out |= {f"{year}{each.source}": each.reason for each in refused}
            # A group's members handed in one work, which is no pair with itself.
            works = {work.source: work for (work,) in found.students}
            for source, work in works.items():
                name = f"{year}{source}"
                try:
                    files = open_work(work, given_by_us).files
                    documents.append(
                        make_document(len(documents), name, files, known, is_reference=is_reference)
                    )
                except (Unusable, GraderError, TooLongError) as error:
                    left_out[name] = one_line(str(error))
                    if isinstance(error, TooLongError) and not is_reference:
                        too_long.add(name)
        if len(documents) == count:
            reason = f": {next(iter(left_out.values()))}" if left_out else ""
            raise UsageError(f"{place}: no submission in it can be read{reason}")
    return Opened(tuple(documents), left_out, frozenset(too_long))


def _refuse_single(folder: Path) -> None:
    """Refuse a submission where a folder of them belongs."""
    if any((folder / f"{module}.py").exists() for module in MODULES):
        raise UsageError(f"{folder}: it is one submission; name the folder that holds them all")


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
