"""A submission's five modules as one notebook, which is what the other graders take."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from grader.intake.names import MODULES


def cells(folder: Path, settings: dict[str, Any]) -> list[str]:
    """Source of the notebook's code cells: one a module, and one with what the checks are told.

    Args:
        folder: With the five modules.
        settings: Names and their values, which the last cell assigns.
    """
    sources = [
        without_relative_imports((folder / f"{name}.py").read_text("utf-8")) for name in MODULES
    ]
    return [*sources, "\n".join(f"{name} = {value!r}" for name, value in settings.items())]


def without_relative_imports(source: str) -> str:
    """The module without `from .sister import name`: in a notebook the name is there already."""
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.end_lineno is not None
            for number in range(node.lineno - 1, node.end_lineno):
                lines[number] = "\n"
    return "".join(lines)


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """A notebook (nbformat 4.5) of cells that `code_cell` made."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


def code_cell(name: str, source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """A code cell that has not run; `name` is its id: letters, digits, - and _."""
    return {
        "cell_type": "code",
        "id": name,
        "metadata": metadata or {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
