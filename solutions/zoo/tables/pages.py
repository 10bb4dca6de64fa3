"""Each method's page: its idea, its formula, its source and its files."""

from __future__ import annotations

import functools
import inspect
import textwrap
from pathlib import Path
from typing import Any

from solutions.zoo.method import Spec

SOLUTIONS = Path(__file__).parents[2]


def page(spec: Spec) -> str:
    """The page of one method, in Markdown.

    Args:
        spec: The method.
    """
    idea = textwrap.fill(spec.idea, 100)
    files = ", ".join(f"[{file.name}]({file.as_posix()})" for file in files_of(spec))
    return "\n".join(
        [
            f"### {spec.title} (`{spec.name}`)",
            "",
            idea,
            "",
            f"- Formula: {spec.formula}",
            f"- Source: {spec.source}",
            f"- Files: {files}",
        ]
    )


def files_of(spec: Spec) -> list[Path]:
    """Where to read about it, from the folder `solutions/`."""
    if spec.files:
        return [Path("zoo", name) for name in spec.files]
    build = getattr(spec.training, "build", spec.training)
    found = (_file(type(spec.score())), _file(build))
    return list(dict.fromkeys(file for file in found if file))


def _file(value: Any) -> Path | None:
    while isinstance(value, functools.partial):
        value = value.func
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        value = type(value)
    file = Path(str(inspect.getsourcefile(value)))
    return file.relative_to(SOLUTIONS) if file.is_relative_to(SOLUTIONS) else None
