"""Keep `assignment/` in step with the reference solution: five modules, five stubs."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from solutions.errors import UserError
from solutions.files import read_source, shown, write_atomically
from solutions.strip import strip_solution

MODULES = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")
REFERENCE = Path(__file__).parent / "reference"
ASSIGNMENT = Path(__file__).parents[1] / "assignment"

State = Literal["up to date", "missing", "stale", "filled in"]


@dataclass(frozen=True)
class Stub:
    """A file of the assignment.

    Attributes:
        path: Where it belongs.
        text: What it should hold.
    """

    path: Path
    text: str


def make_stubs(reference: Path = REFERENCE, out: Path = ASSIGNMENT) -> list[Stub]:
    """Strip the five modules. Nothing is written.

    Args:
        reference: The folder of the solved modules.
        out: The folder that the stubs belong in.

    Returns:
        The five stubs, in the tasks' order.

    Raises:
        UserError: A module is missing or its markers are wrong.
    """
    stubs = []
    for number, module in enumerate(MODULES, start=1):
        path = reference / f"{module}.py"
        text = strip_solution(read_source(path), shown(path), f"task {number}, {module}")
        stubs.append(Stub(out / path.name, text))
    return stubs


def state(stub: Stub) -> State:
    """How the file of a stub compares with what it should hold.

    Args:
        stub: The stub.

    Returns:
        "filled in" is a file that has fewer raises than the stub: somebody's work, perhaps.
    """
    if not stub.path.exists():
        return "missing"
    present = _present(stub)
    if present == stub.text:
        return "up to date"
    return "filled in" if _raises(present) < _raises(stub.text) else "stale"


def difference(stub: Stub, limit: int = 20) -> str:
    """What would change in the file of a stub.

    Args:
        stub: The stub.
        limit: How many lines to give at most.

    Returns:
        A unified diff from the file to the stub, cut short and saying so.
    """
    name = shown(stub.path)
    present = _present(stub) if stub.path.exists() else ""
    lines = list(
        difflib.unified_diff(
            present.split("\n"), stub.text.split("\n"), name, f"{name} (new)", n=1, lineterm=""
        )
    )
    if len(lines) > limit:
        lines = [*lines[:limit], f"... and {len(lines) - limit} more lines"]
    return "\n".join(lines)


def write_stubs(stubs: list[Stub], force: bool = False) -> list[Stub]:
    """Write what is not up to date; all is checked before anything is written.

    Args:
        stubs: What `make_stubs` gave.
        force: Overwrite modules that look filled in, too.

    Returns:
        The stubs whose files changed.

    Raises:
        UserError: A file looks filled in and may be somebody's work, or cannot be written.
    """
    states = [(stub, state(stub)) for stub in stubs]
    filled = [shown(stub.path) for stub, found in states if found == "filled in"]
    if filled and not force:
        raise UserError(
            f"{', '.join(filled)}: looks filled in, nothing was written;"
            " keep your work elsewhere, then overwrite it with --force"
        )
    changed = [stub for stub, found in states if found != "up to date"]
    for stub in changed:
        write_atomically(stub.path, stub.text)
    return changed


def _present(stub: Stub) -> str:
    """The file as it is, its line endings included; bytes that are not UTF-8 are replaced."""
    try:
        return stub.path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"{shown(stub.path)}: cannot be read ({error.strerror})") from error


def _raises(text: str) -> int:
    """How many of a stub's raises a text holds."""
    return len(re.findall(r"""raise NotImplementedError\(\s*["']task """, text))
