"""A hostile submission: a patch that says what it is after and what it may earn.

The format is that of `patches.py` without `says` and `fails`, and with

    aim = "points"                        # or "data", "escape", "persistence", "denial"
    honest = 0                            # the most that its code may earn, of 80 points
    plain = "held"                        # or "not held: why the level plain cannot hold it"
    base = "stubs"                        # optional: what is patched; else the reference
    tools = ["loot"]                      # optional: modules of hostile/tools/ that come along
    packed = "zip_with_dots"              # optional: the function of packing.py that packs it

    [append]                              # text at the end of a module, which stays as it is
    "autoencoder.py" = '''...'''
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.submissions.packing import PACKERS
from tests.submissions.patches import (
    HERE,
    KEYS,
    REFERENCE,
    Patch,
    PatchError,
    patch_of,
    read_table,
    write_submission,
)

HOSTILE = HERE / "hostile"
TOOLS = HOSTILE / "tools"
AIMS = ("points", "data", "escape", "persistence", "denial")
BASES = {"reference": REFERENCE, "stubs": HERE.parents[1] / "assignment"}
OWN_KEYS = {"aim", "honest", "plain", "base", "tools", "packed", "append"}
NOT_HELD = "not held: "


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Attributes:
        patch: what it changes.
        aim: what it is after.
        honest: the points that its code may earn.
        unheld: why the level `plain` cannot hold it; "" where it can.
        base: what is patched, "reference" or "stubs".
        append: text that is added to modules.
        packed: how it is packed; "" for a folder.
    """

    patch: Patch
    aim: str
    honest: float
    unheld: str
    base: str = "reference"
    append: dict[str, str] = field(default_factory=dict)
    packed: str = ""

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.patch.name


def read_attack(path: Path) -> Attack:
    """Read one attack.

    Raises:
        PatchError: it is no TOML, a key is missing, wrong or unknown, or it changes nothing.
    """
    table = read_table(path, (KEYS | OWN_KEYS) - {"says", "fails"})
    patch = patch_of(path, table)
    tools = {f"{name}.py": _tool(path, name) for name in table.get("tools", ())}
    attack = Attack(
        patch=replace(patch, files={**tools, **patch.files}),
        aim=_choice(path, table, "aim", AIMS),
        honest=_points(path, table),
        unheld=_unheld(path, table),
        base=_choice(path, {"base": "reference"} | table, "base", tuple(BASES)),
        append=table.get("append", {}),
        packed=table.get("packed", ""),
    )
    if attack.packed and attack.packed not in PACKERS:
        raise PatchError(f"{path.name}: packing.py has no {attack.packed}")
    if not (patch.touched or attack.append or attack.packed):
        raise PatchError(f"{path.name}: nothing is changed")
    return attack


def read_attacks() -> list[Attack]:
    """All attacks, by name."""
    return [read_attack(path) for path in sorted(HOSTILE.glob("*.toml"))]


def write_attack(attack: Attack, folder: Path) -> Path:
    """Write the submission into `folder`, which is made; returns what is to be graded.

    Raises:
        PatchError: it does not fit what it patches.
    """
    write_submission(attack.patch, folder, BASES[attack.base])
    for name, text in attack.append.items():
        file = folder / name
        if not file.is_file():
            raise PatchError(f"{attack.name}.toml: there is no {name} to append to")
        file.write_text(f"{file.read_text(encoding='utf-8')}\n\n{text}", encoding="utf-8")
    return PACKERS[attack.packed](folder) if attack.packed else folder


def _choice(path: Path, table: dict[str, Any], key: str, among: tuple[str, ...]) -> str:
    value = table.get(key)
    if value not in among:
        raise PatchError(f"{path.name}: {key} is {value!r}, not one of {', '.join(among)}")
    return str(value)


def _points(path: Path, table: dict[str, Any]) -> float:
    value = table.get("honest")
    if not isinstance(value, int | float) or not 0 <= value <= 80:
        raise PatchError(f"{path.name}: honest is {value!r}, not a number from 0 to 80")
    return float(value)


def _unheld(path: Path, table: dict[str, Any]) -> str:
    value = table.get("plain")
    if value == "held":
        return ""
    reason = value.removeprefix(NOT_HELD) if isinstance(value, str) else ""
    if not reason.strip() or reason == value:
        raise PatchError(f"{path.name}: plain is {value!r}, not 'held' or '{NOT_HELD}why'")
    return reason


def _tool(path: Path, name: str) -> str:
    file = TOOLS / f"{name}.py"
    if not file.is_file():
        raise PatchError(f"{path.name}: there is no hostile/tools/{name}.py")
    return file.read_text(encoding="utf-8")
