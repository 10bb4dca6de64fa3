"""Reading a notebook: its code cells, and nothing of its outputs, metadata or attachments.

nbformat, which nbconvert reads by, brings an older format up to date and joins the lines. No
exporter takes part: what one runs, templates and preprocessors, a notebook's metadata may name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import limits

MINOR = 4  # of format 4: the last one whose cells need no ids
CLEAR = "clear its outputs (Edit > Clear All Outputs) and save it again"
VALUES = (b"[", b"{", b",")


class NotebookError(Exception):
    """A notebook that cannot be used; the message says why, and what to do."""


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Attributes:
        number: among all cells, from 1, as one counts them in Jupyter.
        source: its text, whose lines end as on Unix.
    """

    number: int
    source: str


def read_notebook(content: bytes) -> list[Cell]:
    """The code cells of a notebook, from its first to its last.

    Raises:
        NotebookError: it is no notebook of Python, or larger than is read.
    """
    if len(content) > limits.MAX_NOTEBOOK:
        raise NotebookError(f"larger than {limits.MAX_NOTEBOOK >> 20} MB: {CLEAR}")
    if sum(map(content.count, VALUES)) > limits.MAX_VALUES:  # JSON has no more values than these
        raise NotebookError(f"it holds more than {limits.MAX_VALUES} values: {CLEAR}")
    bare = _without_outputs(_parse(content))
    import nbformat  # takes a third of a second, which who hands in modules need not wait for

    read = nbformat.reads(json.dumps(bare), as_version=4)  # type: ignore[no-untyped-call]
    cells = [
        Cell(number, cell.source.replace("\r\n", "\n").replace("\r", "\n"))
        for number, cell in enumerate(read.cells, start=1)
        if cell.cell_type == "code"
    ]
    if sum(len(cell.source) for cell in cells) > limits.MAX_CODE:
        raise NotebookError(f"its cells hold more than {limits.MAX_CODE >> 10} kB of code")
    return cells


def _parse(content: bytes) -> dict[str, Any]:
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotebookError("it is not UTF-8: save it again as UTF-8") from None
    except (ValueError, RecursionError):
        raise NotebookError("it is damaged: no JSON, which every notebook is") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise NotebookError("it is no notebook: it names no nbformat")
    return data


def _without_outputs(data: dict[str, Any]) -> dict[str, Any]:
    """The notebook with its cells' kind and source alone: what is left cannot be malformed."""
    major = data["nbformat"]
    if major not in (3, 4):
        raise NotebookError("its format is not 3 or 4: open it in Jupyter and save it again")
    _refuse_other_languages(data.get("metadata"))
    if major == 4:
        cells = _cells_of([data])
        return {
            "nbformat": 4, "nbformat_minor": MINOR, "metadata": {},
            "cells": [_bare(cell, "source", {"metadata": {}}) for cell in cells],
        }  # fmt: skip
    cells = _cells_of(_list(data.get("worksheets")))
    bare = [_bare(cell, "input", {"language": "python", "collapsed": False}) for cell in cells]
    return {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
        "worksheets": [{"cells": bare, "metadata": {}}],
    }  # fmt: skip


def _cells_of(sheets: Iterable[Any]) -> list[Any]:
    cells: list[Any] = []
    for sheet in sheets:
        cells += _list(sheet.get("cells") if isinstance(sheet, dict) else None)
    if len(cells) > limits.MAX_CELLS:
        raise NotebookError(f"more than {limits.MAX_CELLS} cells")
    return list(enumerate(cells, start=1))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise NotebookError("it is no notebook: it has no list of cells")
    return value


def _bare(numbered: tuple[int, Any], key: str, more: dict[str, Any]) -> dict[str, Any]:
    """A cell as its format wants it, of which only the kind and the source are its own."""
    number, cell = numbered
    if not isinstance(cell, dict):
        raise NotebookError(f"cell {number} is no cell of a notebook")
    # In format 3 each cell has a language of its own.
    if cell.get("cell_type") != "code" or not _is_python(cell.get("language")):
        return {"cell_type": "markdown", "metadata": {}, "source": ""}
    source = cell.get(key)
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise NotebookError(f"cell {number} has no text for its source")
    empty = {"outputs": [], key: source}
    return {"cell_type": "code", **({"execution_count": None} if key == "source" else {}),
            **more, **empty}  # fmt: skip


def _refuse_other_languages(metadata: Any) -> None:
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        language = about.get(name) if isinstance(about, dict) else None
        if not _is_python(language):
            raise NotebookError("its kernel is not Python")


def _is_python(language: Any) -> bool:
    """Whether a language is Python, or not said."""
    return not isinstance(language, str) or "python" in language.casefold() or not language
