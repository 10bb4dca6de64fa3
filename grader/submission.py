"""A submission as files: opened from a folder, an archive or a notebook.

Only names on a short list are taken: the five modules, helper modules of the student's own beside
them, and `weights.safetensors`. Everything else is left where it is, and said. Where there are no
modules, those that a notebook holds are taken out of its cells.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .intake import limits
from .intake.collect import LARGE, Damaged, Intake, read_up_to
from .intake.folder import open_regular, read_folder
from .intake.names import MODULES, WANTED, WEIGHTS, advise, is_notebook, may_take
from .intake.tar import read_tar
from .intake.zip import read_zip
from .text import one_line

__all__ = ["MODULES", "WEIGHTS", "Submission", "open_submission"]

ARCHIVES: dict[str, Callable[[BinaryIO, Intake], None]] = {
    ".zip": read_zip,
    ".tar.gz": read_tar,
    ".tgz": read_tar,
    ".tar": read_tar,
}
# The grader's checks are named as the modules are; who hands in a whole repository has them too.
CHECKS = ("grader", "checks")
RELEASED = ("datasets", "grader", "tests")  # the folders beside `assignment` in a repository
TOUR = "walkthrough.ipynb"  # is given, and is nobody's work where there is another notebook
Given = Mapping[str, bytes]  # the given files: contents by name
REPLACED = "the given one is used in its place; a helper of yours needs another name"
MODULES_COUNT = "the modules count where there are any: hand in the notebook alone if it is meant"
BELOW = "in a folder below the modules: put it beside them"
# What zipfile and zlib raise at bytes that are damaged, or made to look like an archive.
BROKEN = (
    Damaged,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    RuntimeError,
    OverflowError,
)


@dataclass(frozen=True)
class Submission:
    """What was taken from a submission.

    Attributes:
        name: the folder's, archive's or notebook's name.
        files: contents by file name, flat: `autoencoder.py`, …, `weights.safetensors`.
        ignored: names that were found beside them and not taken.
        advice: of files not taken for their name alone, what to rename; a line each.
        reasons: of ignored names, why they were not taken, where the name does not say it.
        notes: of a notebook's cells, what its author should know; a line each.
    """

    name: str
    files: dict[str, bytes]
    ignored: tuple[str, ...]
    advice: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Hash over names and contents of what was taken, independent of how it was packed."""
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"{len(name)}:{name}{len(content)}:".encode())
            digest.update(content)
        return digest.hexdigest()

    @property
    def has_weights(self) -> bool:
        """Whether trained weights came with it."""
        return WEIGHTS in self.files

    @property
    def weights_data(self) -> str:
        """The profile that the weights say they were trained on; "" where they do not say.

        Only the file's header is read, which is JSON; the tensors are the worker's business.
        """
        content = self.files.get(WEIGHTS, b"")
        length = int.from_bytes(content[:8], "little")
        try:
            data = json.loads(content[8 : 8 + length])["__metadata__"]["data"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return ""
        return data if data in ("digits", "mnist") else ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The modules of the five that are not there."""
        return tuple(name for name in MODULES if f"{name}.py" not in self.files)


def open_submission(path: Path, given: Given) -> Submission:
    """Read a submission into memory.

    The modules may lie at the top, or in any one folder below (as when a folder `assignment/` was
    zipped whole); where several folders hold some, the one nearest the top with the most is taken.

    Args:
        path: a folder, a `.zip`, `.tar`, `.tar.gz` or `.tgz` archive, or a notebook; a folder or
            an archive may hold a notebook in place of modules.
        given: the given files, which are never taken from a submission.

    Raises:
        UsageError: there is nothing at `path`, it cannot be read, or it holds none of the modules
            and no notebook with any of the tasks' names.
    """
    intake = Intake(path)
    try:
        if not path.exists():
            raise intake.refusal("there is no such file or folder")
        if path.is_dir():
            read_folder(path, intake)
        elif is_notebook(path):
            _read_alone(path, intake)
        else:
            _read_archive(path, intake)
    except OSError as error:
        raise intake.refusal(f"it cannot be read ({_reason(error)})") from None
    except BROKEN:
        raise intake.refusal(
            "it cannot be read: damaged, or no such archive; pack it again"
        ) from None
    return _select(intake, one_line(_stem(path)), given)


def _read_alone(path: Path, intake: Intake) -> None:
    """Take a notebook that is not in a folder or an archive."""
    with _opened(path, intake) as file:
        content = read_up_to(file.read, limits.MAX_NOTEBOOK + 1)
    if len(content) > limits.MAX_NOTEBOOK:
        raise intake.refusal(LARGE)
    intake.notebooks[PurePosixPath(path.name)] = content


def _read_archive(path: Path, intake: Intake) -> None:
    suffix = _suffix(path)
    if suffix is None:
        raise intake.refusal(
            f"a submission is a folder, an archive ({', '.join(ARCHIVES)}) or a notebook (.ipynb)"
        )
    with _opened(path, intake) as file:
        intake.limit_unpacking(path.stat().st_size)
        ARCHIVES[suffix](file, intake)


def _opened(path: Path, intake: Intake) -> BinaryIO:
    file = open_regular(path.resolve())  # a link to the submission itself is the instructor's own
    if file is None:
        raise intake.refusal("it is neither a file nor a folder")
    return file


def _select(intake: Intake, name: str, given: Given) -> Submission:
    """Take the folder that holds the modules, and of it what may be taken; else the notebook."""
    folder = _folder_of_modules(intake)
    if folder is not None:
        for notebook in intake.notebooks:
            if notebook.name != TOUR:
                intake.leave(str(notebook), MODULES_COUNT)
        return _made(intake, name, given, folder, _taken(intake, folder, given))
    chosen = _only_notebook(intake)
    files = _taken(intake, chosen.parent, given)
    from .intake.extract import extract  # few submissions are notebooks
    from .intake.notebook import NotebookError

    try:
        extracted = extract(intake.notebooks[chosen], given, files)
    except NotebookError as error:
        where = "" if len(intake.notebooks) == 1 and not chosen.parts[1:] else f"{chosen}: "
        if chosen.name == TOUR:  # it is always there, so the modules were meant
            where = f"none of the five modules is in it, and of {chosen}: "
        raise intake.refusal(f"{one_line(where)}{error}") from None
    files |= extracted.files
    return _made(intake, name, given, chosen.parent, files, extracted.notes)


def _taken(intake: Intake, folder: PurePosixPath, given: Given) -> dict[str, bytes]:
    """The files of a folder that may be taken, by name."""
    return {
        inside.name: content
        for inside, content in intake.files.items()
        if inside.parent == folder and may_take(inside.name, given)
    }


def _made(
    intake: Intake,
    name: str,
    given: Given,
    folder: PurePosixPath,
    files: dict[str, bytes],
    notes: tuple[str, ...] = (),
) -> Submission:
    """The submission of these files, and what is to be said of the others."""
    _check_case(intake, sorted(files))
    others = [
        path
        for path in sorted([*intake.left, *map(str, intake.files)])
        if not (_is_in(folder, path) and PurePosixPath(path).name in files)
        and PurePosixPath(path).name not in given
        and not _is_released(folder, path)
    ]
    replaced = [
        str(folder / name) for name in sorted(given) if _is_another(intake, folder, name, given)
    ]
    advice = {
        path: advise(PurePosixPath(path).name, frozenset(files)) if _is_in(folder, path) else ""
        for path in others
    }
    return Submission(
        name,
        files,
        ignored=tuple(one_line(path) for path in others + replaced if not advice.get(path)),
        advice=tuple(one_line(line) for line in advice.values() if line),
        reasons={
            one_line(path): reason
            for path in others
            if (reason := intake.reasons.get(path) or _why_not_beside(folder, path))
        }
        | dict.fromkeys(map(one_line, replaced), REPLACED),
        notes=notes,
    )


def _is_another(intake: Intake, folder: PurePosixPath, name: str, given: Given) -> bool:
    """Whether the folder has code under a given file's name that is not that file's."""
    there = intake.files.get(folder / name, b"").replace(b"\r\n", b"\n")
    return bool(there.strip()) and there != given[name]  # an empty __init__.py is usual


def _folder_of_modules(intake: Intake) -> PurePosixPath | None:
    """The folder nearest the top with the most modules; None where there are none."""
    wanted = [f"{module}.py" for module in MODULES]
    holds: dict[PurePosixPath, int] = {}
    for inside in intake.files:
        if inside.name in wanted and inside.parts[-3:-1] != CHECKS:
            holds[inside.parent] = holds.get(inside.parent, 0) + 1
    if not holds:
        return None
    folder, *others = sorted(holds, key=lambda place: (-holds[place], len(place.parts), str(place)))
    if others and (holds[others[0]], len(others[0].parts)) == (holds[folder], len(folder.parts)):
        raise intake.refusal(
            f"it holds several submissions, {one_line(str(folder))} and "
            f"{one_line(str(others[0]))} among them; hand in one"
        )
    return folder


def _only_notebook(intake: Intake) -> PurePosixPath:
    """The notebook that is the submission, where there are no modules."""
    notebooks = sorted(intake.notebooks)
    own = [path for path in notebooks if path.name != TOUR] or notebooks
    packed = [path for path in sorted(intake.left) if _suffix(Path(path))]
    if len(own) == 1 and not packed:
        return own[0]
    if own:
        first, second, *_ = [*map(str, own), *packed]
        kind = "a notebook and an archive" if len(own) == 1 else "several notebooks"
        raise intake.refusal(
            f"it holds {kind}, {one_line(first)} and {one_line(second)} among them, and no "
            "modules; hand in one"
        )
    wanted = [f"{module}.py" for module in MODULES]
    reason = f"none of the five modules ({', '.join(wanted)}) is in it, nor a notebook"
    advice = _advise_on_nothing(intake)
    raise intake.refusal(f"{reason}; {one_line(advice)}" if advice else reason)


def _advise_on_nothing(intake: Intake) -> str:
    """What may be wrong where no module was found, the likeliest first; "" where nothing shows."""
    paths = sorted([*intake.left, *map(str, intake.files)])
    names = [PurePosixPath(path).name for path in paths]
    misspelt = [name for name in names if name.casefold() in WANTED]
    told = [
        *(advise(name, frozenset()) for name in misspelt),
        *(f"{path}: {intake.reasons[path]}" for path in paths if path in intake.reasons),
        *(advise(name, frozenset()) for name in names),
    ]
    return next(filter(None, told), "")


def _check_case(intake: Intake, names: list[str]) -> None:
    """Refuse two names that are one on some systems."""
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(name.casefold(), name)) != name:
            raise intake.refusal(f"{other} and {name} differ only in case; rename one")


def _is_released(folder: PurePosixPath, path: str) -> bool:
    """Whether a file belongs to what a student's whole repository holds beside the assignment."""
    beside = PurePosixPath(path)
    if folder.name != "assignment" or not beside.is_relative_to(folder.parent):
        return False
    return beside.relative_to(folder.parent).parts[:1] in [(name,) for name in RELEASED]


def _why_not_beside(folder: PurePosixPath, path: str) -> str:
    """What to do with code in a folder below the modules."""
    below = PurePosixPath(path).is_relative_to(folder) and not _is_in(folder, path)
    return BELOW if below and path.endswith(".py") else ""


def _is_in(folder: PurePosixPath, path: str) -> bool:
    return PurePosixPath(path).parent == folder


def _suffix(path: Path) -> str | None:
    name = path.name.lower()
    return next((suffix for suffix in ARCHIVES if name.endswith(suffix)), None)


def _stem(path: Path) -> str:
    name = path.resolve().name
    if is_notebook(path) and not path.is_dir():
        return Path(name).stem
    suffix = None if path.is_dir() else _suffix(path)
    return name[: -len(suffix)] if suffix else name


def _reason(error: OSError) -> str:
    words = error.strerror or type(error).__name__
    return f"{one_line(Path(error.filename).name)}: {words}" if error.filename else words
