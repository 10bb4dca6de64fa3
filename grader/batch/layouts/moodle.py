"""Moodle's bulk download: `Full Name_1234567_assignsubmission_file_`, a folder or a file's prefix.

The number is what the grading worksheet calls `Participant 1234567`. In blind marking the name is
`Participant`.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...intake.names import is_notebook
from ..candidates import entries, inside, is_packed, shown
from ..work import Found, Refused, Work, plain_text

ENTRY = re.compile(
    r"(?P<name>.*)_(?P<id>[0-9]+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)", re.DOTALL
)
# Twice in one name: the student chose the file's name, and part of it reads as somebody's number.
NUMBER = re.compile(r"(?=_[0-9]+_assignsubmission_)")
IDENTIFIER = re.compile(r"(?P<name>Participant)[ _](?P<id>[0-9]+)(?P<file>(?:\..+)?)", re.DOTALL)
FILES = "file"  # the plugin's name, the same in every language; others hold text and comments


def share(root: Path) -> float:
    """Which part of a folder's entries is named as Moodle names them, in [0, 1]."""
    found = entries(root)
    return sum(_parse(path) is not None for path in found) / max(1, len(found))


def read(root: Path) -> Found:
    """Every student's hand-in."""
    people: dict[tuple[str, str], list[tuple[Path, re.Match[str]]]] = {}
    skipped, refused = [], []
    for path in entries(root):
        match = _parse(path)
        if match is None:
            skipped.append(plain_text(path.name))
        elif len(NUMBER.findall(path.name)) > 1:
            reason = "its name holds two participants' numbers; rename it to whose it is"
            refused.append(Refused(plain_text(path.name), reason))
        else:
            people.setdefault((match["id"], match["name"]), []).append((path, match))
    works = [_work(number, name, handed_in, root) for (number, name), handed_in in people.items()]
    return Found(tuple(works), tuple(refused), tuple(skipped))


def _parse(path: Path) -> re.Match[str] | None:
    return ENTRY.fullmatch(path.name) or IDENTIFIER.fullmatch(path.name)


def _work(number: str, name: str, found: list[tuple[Path, re.Match[str]]], root: Path) -> Work:
    """A student's folder, or files that lie side by side; text typed online is no submission."""
    name = "" if name == "Participant" else plain_text(name)
    files = [(path, match) for path, match in found if _holds_files(match)] or found
    folders = [path for path, _ in files if path.is_dir()]
    packed = [path for path, _ in files if is_packed(path) and not path.is_dir()]
    loose = tuple(
        (match["file"], path) for path, match in files if path.suffix == ".py" or is_notebook(path)
    )
    if folders:
        opened = inside(folders[0])
    elif not loose or packed or (len(files) == 1 and is_notebook(files[0][0])):
        opened = [*packed, files[0][0]][0]
    else:
        weights = [(m["file"], path) for path, m in files if path.suffix == ".safetensors"]
        return Work(number, name, "", shown(loose[0][1], root), root, (*loose, *weights))
    return Work(number, name, "", shown(opened, root), opened)


def _holds_files(match: re.Match[str]) -> bool:
    return match.groupdict().get("kind", FILES) == FILES
