"""A submission written as its difference from the reference solution.

One TOML file describes one submission:

    why = "what a student had in mind"
    says = "diagonal"                     # optional: words that a failed check's message must hold

    [fails]                               # checks that lose points, and their status; all others
    "contrastive.value" = "failed"        # of the five tasks must pass

    [[replace]]                           # `old` occurs exactly once in the reference's file
    file = "contrastive.py"
    old = "offset=1"
    new = "offset=0"

    [files]                               # whole modules: new ones, or in place of the reference's
    "layers.py" = '''...'''
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "solutions" / "reference"
KEYS = {"why", "says", "fails", "replace", "files"}


class PatchError(Exception):
    """A patch that cannot be read or does not fit the reference; the message names it."""


@dataclass(frozen=True)
class Replacement:
    """One text in one file of the reference, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Patch:
    """A submission, and what the grader has to say about it.

    `fails` maps the id of each check that loses points to its status.
    """

    name: str
    why: str
    fails: dict[str, str] = field(default_factory=dict)
    says: str = ""
    replacements: tuple[Replacement, ...] = ()
    files: dict[str, str] = field(default_factory=dict)

    @property
    def touched(self) -> frozenset[str]:
        """Names of the files that differ from the reference's."""
        return frozenset(self.files) | {part.file for part in self.replacements}


def read_patch(path: Path) -> Patch:
    """Read one patch.

    Raises:
        PatchError: it is no TOML, lacks its reason, changes nothing, or has a key of its own.
    """
    patch = patch_of(path, read_table(path, KEYS))
    if not patch.touched:
        raise PatchError(f"{path.name}: nothing is changed")
    return patch


def read_table(path: Path, keys: set[str]) -> dict[str, Any]:
    """The table in a TOML file that has no other keys than these.

    Raises:
        PatchError: it is no TOML, or has a key of its own.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PatchError(f"{path.name}: {error}") from None
    if strays := set(table) - keys:
        raise PatchError(f"{path.name}: unknown key {', '.join(sorted(strays))}")
    return table


def patch_of(path: Path, table: dict[str, Any]) -> Patch:
    """The patch that a file's table describes.

    Raises:
        PatchError: it lacks its reason, or a replacement one of its parts.
    """
    try:
        patch = Patch(
            name=path.stem,
            why=table.get("why", "").strip(),
            fails=table.get("fails", {}),
            says=table.get("says", ""),
            replacements=tuple(Replacement(**part) for part in table.get("replace", ())),
            files=table.get("files", {}),
        )
    except TypeError as error:
        raise PatchError(f"{path.name}: {error}") from None
    if not patch.why:
        raise PatchError(f"{path.name}: say why somebody would write this")
    return patch


def read_patches(kind: str) -> list[Patch]:
    """The patches of `wrong/` or `correct/`, by name."""
    return [read_patch(path) for path in sorted((HERE / kind).glob("*.toml"))]


def write_submission(patch: Patch, folder: Path, reference: Path = REFERENCE) -> Path:
    """Write the patched reference into `folder`, which is made.

    Raises:
        PatchError: a text to replace does not occur exactly once.
    """
    texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(reference.glob("*.py"))}
    for part in patch.replacements:
        count = texts.get(part.file, "").count(part.old)
        if count != 1:
            raise PatchError(
                f"{patch.name}.toml: this occurs {count} times in the reference's {part.file}, "
                f"not once: {part.old!r}"
            )
        texts[part.file] = texts[part.file].replace(part.old, part.new)
    folder.mkdir(parents=True)
    for name, text in {**texts, **patch.files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def names(patches: Iterable[Patch]) -> list[str]:
    """What pytest calls them."""
    return [patch.name for patch in patches]
