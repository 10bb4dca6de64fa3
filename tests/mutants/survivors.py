"""The mutants that no check finds, and why: what `survivors.toml` says, held against the grader."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .mutate import Mutant

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SURVIVORS = Path(__file__).parent / "survivors.toml"
PRINTS_ALIKE = sys.version_info >= (3, 11)  # 3.10 prints `(a, b) = c` where later ones omit `()`


class SurvivorsError(Exception):
    """A file of survivors that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that passes all checks, and the reason.

    Attributes:
        name: the mutant's.
        before: what stands in the reference.
        after: what stands there instead.
        reason: why it may pass; where `missing` is true, what a check would have to see.
        missing: whether a check ought to find it, and none does yet.
        borderline: whether the seed decides if it is found, so that neither verdict is wrong.
    """

    name: str
    before: str
    after: str
    reason: str
    missing: bool = False
    borderline: bool = False


def read_survivors(path: Path = SURVIVORS) -> dict[str, Survivor]:
    """Read the survivors, by name.

    Raises:
        SurvivorsError: it is no TOML, an entry lacks a part or has one of its own, or comes twice.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = [Survivor(**entry) for entry in data.pop("survivor", ())]
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise SurvivorsError(f"{path.name}: {error}") from None
    if data:
        raise SurvivorsError(f"{path.name}: unknown key {', '.join(data)}")
    found: dict[str, Survivor] = {}
    for entry in entries:
        if not entry.reason.strip():
            raise SurvivorsError(f"{path.name}: {entry.name}: say why it survives")
        if entry.name in found:
            raise SurvivorsError(f"{path.name}: {entry.name} comes twice")
        found[entry.name] = entry
    return found


def complaint(mutant: Mutant, lost: str | None, survivors: Mapping[str, Survivor]) -> str | None:
    """What is wrong about a mutant that was graded, None where nothing is.

    Args:
        mutant: what was graded.
        lost: the check that found it, None where none did.
        survivors: the mutants that are explained.
    """
    entry = survivors.get(mutant.name)
    if lost is None and entry is None:
        return f"{mutant.name}: no check finds it\n  - {mutant.before}\n  + {mutant.after}"
    if lost is not None and entry is not None and not entry.borderline:
        return f"{mutant.name}: {lost} finds it now: strike it from {SURVIVORS.name}"
    return None


def stale(mutants: Sequence[Mutant], survivors: Mapping[str, Survivor]) -> list[str]:
    """One line for each explained mutant that there is no longer, or that is another one now."""
    lines = []
    by_name = {mutant.name: mutant for mutant in mutants}
    for name, entry in survivors.items():
        mutant = by_name.get(name)
        if mutant is None:
            lines.append(f"{name}: there is no such mutant any more")
        elif PRINTS_ALIKE and (mutant.before, mutant.after) != (entry.before, entry.after):
            lines.append(f"{name}: is now\n  - {mutant.before}\n  + {mutant.after}")
    return lines
