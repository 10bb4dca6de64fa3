"""Which entries of a folder may be submissions, whatever the layout."""

from __future__ import annotations

import re
from pathlib import Path

from ..intake.names import MODULES, NOTEBOOK, is_notebook
from ..submission import ARCHIVES
from .work import plain_text

ALONE = (*ARCHIVES, NOTEBOOK)
LEFT_BEHIND = ("__MACOSX", "__pycache__")


def entries(folder: Path) -> list[Path]:
    """What a folder holds, in natural order, without what systems and editors leave behind."""
    held = [path for path in folder.iterdir() if not is_left_behind(path.name)]
    return sorted(held, key=lambda path: natural(path.name))


def handed_in(folder: Path) -> list[Path]:
    """What a student's own folder holds, without links: one would lead to somebody else's work.

    Checking out a repository and unpacking an archive both keep a student's links.
    """
    return [path for path in entries(folder) if not path.is_symlink()]


def is_left_behind(name: str) -> bool:
    """Whether a name is of no interest at all."""
    return name.startswith((".", "~$")) or name in LEFT_BEHIND


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts `attempt-2` before `attempt-10`; the same on every machine."""
    parts = re.split(r"([0-9]+)", name)
    key = [(1, int(part), "") if part.isdecimal() else (0, 0, part.casefold()) for part in parts]
    return (*key, (0, 0, name))


def is_packed(path: Path) -> bool:
    """Whether a name is an archive's."""
    return path.name.lower().endswith(tuple(ARCHIVES))


def may_be_alone(path: Path) -> bool:
    """Whether a file may be a submission by itself: an archive or a notebook."""
    return path.name.lower().endswith(ALONE)


def stem(path: Path) -> str:
    """A name without the suffix of an archive or a notebook."""
    name = path.name
    if path.is_dir():
        return name
    suffix = next((suffix for suffix in ALONE if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def inside(folder: Path) -> Path:
    """What to open of a folder that an LMS made for one student: the archive that it holds, if any.

    Everything in the folder is the student's. Where there is not exactly one archive, or modules
    or a notebook lie beside it, the folder itself is the submission.
    """
    try:
        held = handed_in(folder)
    except OSError:  # opening it says why
        return folder
    packed = [path for path in held if is_packed(path)]
    modules = {f"{module}.py" for module in MODULES}
    if len(packed) != 1 or any(path.name in modules or is_notebook(path) for path in held):
        return folder
    return packed[0]


def shown(path: Path, root: Path) -> str:
    """A path below the batch's folder, for a person to read."""
    return plain_text(path.relative_to(root).as_posix())
