"""Notebooks for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.submission import MODULES

REFERENCE = Path(__file__).parents[2] / "solutions" / "reference"
SOURCES = {name: (REFERENCE / f"{name}.py").read_text(encoding="utf-8") for name in MODULES}
PYTHON = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python", "version": "3.11"},
}


def code(source: Any) -> dict[str, Any]:
    """A code cell."""
    return {
        "cell_type": "code", "id": "x", "metadata": {}, "execution_count": None, "outputs": [],
        "source": source,
    }  # fmt: skip


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "x", "metadata": {}, "source": source}


def notebook(*cells: str | dict[str, Any], **changes: Any) -> bytes:
    """A notebook's bytes; a text is a code cell."""
    made = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    head = {"nbformat": 4, "nbformat_minor": 5, "metadata": PYTHON}
    return json.dumps(head | {"cells": made} | changes).encode()


def plain_cells() -> list[str]:
    """The reference, a cell a module."""
    return list(SOURCES.values())


def written_cells() -> list[str]:
    """The reference, each module written out by its cell."""
    return [f"%%writefile assignment/{name}.py\n{text}" for name, text in SOURCES.items()]
