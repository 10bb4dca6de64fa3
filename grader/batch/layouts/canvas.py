"""Canvas's bulk download: flat files, `lastfirst_LATE_USER_ATTACHMENT_name-2.zip`.

USER is the number in the column `ID` of the gradebook that Canvas exports. Canvas itself adds the
`-2` when a file of the same name is handed in again; only a student's newest hand-in is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from ...intake.names import WEIGHTS, is_notebook
from ..candidates import entries, is_packed, shown
from ..work import Found, Work, plain_text

FILE = re.compile(
    r"(?P<who>[^_]*)_(?P<late>LATE_)?(?P<user>[0-9]+|(?<=^anonymous_)[0-9A-Za-z]{5})_"
    r"(?P<attachment>[0-9]+)_(?P<file>.+)",
    re.DOTALL,
)
TEXT = re.compile(r"(?P<who>[^_]*)_(?P<late>LATE_)?(?P<user>[0-9]+)_text\.html", re.DOTALL)
AGAIN = re.compile(r"-[0-9]+(?=\.[A-Za-z]+$)")


@dataclass(frozen=True)
class _File:
    path: Path
    who: str
    user: str
    attachment: int  # grows with time
    name: str  # as the student called it


def share(root: Path) -> float:
    """Which part of a folder's entries is named as Canvas names them, in [0, 1]."""
    found = entries(root)
    return sum(_parse(path) is not None for path in found) / max(1, len(found))


def read(root: Path) -> Found:
    """Every student's hand-in; archives of one student are attempts, in the order of upload."""
    people: dict[str, dict[str, list[_File]]] = {}
    skipped = []
    for path in entries(root):
        file = _parse(path)
        if file is None:
            skipped.append(plain_text(path.name))
        else:
            people.setdefault(file.user, {}).setdefault(file.who, []).append(file)
    works = [
        work
        for user, by_name in people.items()
        for files in by_name.values()  # two names with one number are told apart later
        for work in _works(user, files, root)
    ]
    return Found(tuple(works), skipped=tuple(skipped))


def _parse(path: Path) -> _File | None:
    if path.is_dir():
        return None
    if match := TEXT.fullmatch(path.name):
        return _File(path, match["who"], match["user"], 0, "text.html")
    match = FILE.fullmatch(path.name)
    if match is None or len(match["attachment"]) > 20:
        return None
    name = AGAIN.sub("", match["file"])
    return _File(path, match["who"], match["user"], int(match["attachment"]), name)


def _works(user: str, files: list[_File], root: Path) -> list[Work]:
    files = sorted(files, key=lambda file: (file.attachment, file.path.name))
    name = plain_text(files[0].who)
    packed = [file for file in files if is_packed(file.path)]
    if packed:
        return [
            Work(
                user, name, str(file.attachment) if len(packed) > 1 else "",
                shown(file.path, root), file.path,
            )
            for file in packed
        ]  # fmt: skip
    loose = {file.name: file.path for file in files if _is_part(file.name)}  # the newest of a name
    source = shown(files[-1].path, root)
    if not loose or (len(files) == 1 and is_notebook(files[0].path)):
        return [Work(user, name, "", source, files[-1].path)]  # opening it says what it is not
    return [Work(user, name, "", source, root, tuple(sorted(loose.items())))]


def _is_part(name: str) -> bool:
    return name.endswith(".py") or name == WEIGHTS or is_notebook(PurePath(name))
