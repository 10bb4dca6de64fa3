"""The checks' titles, read from their source: nothing is run and nothing heavy imported."""

from __future__ import annotations

import ast
from pathlib import Path

CHECKS = Path(__file__).parent / "checks"


def read_titles(folder: Path = CHECKS) -> dict[str, dict[str, str]]:
    """Titles by task and by check: the first line of each check's docstring, "" where it has none.

    A file that is no Python is left out: a grading that needs it meets it again, and says more.
    """
    return {
        file.stem: titles
        for file in sorted(folder.glob("*.py"))
        if (titles := _titles_in(file)) is not None
    }


def _titles_in(file: Path) -> dict[str, str] | None:
    try:
        body = ast.parse(file.read_text(encoding="utf-8")).body
    except (OSError, SyntaxError, ValueError):
        return None
    return {
        node.name.removeprefix("test_"): (ast.get_docstring(node) or "").partition("\n")[0]
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
