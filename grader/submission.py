"""A submission as files: opened from a folder or an archive.

Only names on a short list are taken: the five modules, helper modules of the student's own beside
them, and `weights.safetensors`. Everything else is left where it is, and said.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .intake.collect import Damaged, Intake
from .intake.folder import open_regular, read_folder
from .intake.names import MODULES, WANTED, WEIGHTS, advise, may_take
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
        name: the folder's or archive's name.
        files: contents by file name, flat: `autoencoder.py`, …, `weights.safetensors`.
        ignored: names that were found beside them and not taken.
        advice: of files not taken for their name alone, what to rename; a line each.
        reasons: of ignored names, why they were not taken, where the name does not say it.
    """

    name: str
    files: dict[str, bytes]
    ignored: tuple[str, ...]
    advice: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)

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


def open_submission(path: Path, given: frozenset[str]) -> Submission:
    """Read a submission into memory.

    The modules may lie at the top, or in any one folder below (as when a folder `assignment/` was
    zipped whole); where several folders hold some, the one nearest the top with the most is taken.

    Args:
        path: a folder, or a `.zip`, `.tar`, `.tar.gz` or `.tgz` archive.
        given: names of the given files, which are never taken from a submission.

    Raises:
        UsageError: there is nothing at `path`, it cannot be read, or it holds none of the modules.
    """
    intake = Intake(path)
    try:
        if not path.exists():
            raise intake.refusal("there is no such file or folder")
        if path.is_dir():
            read_folder(path, intake)
        else:
            _read_archive(path, intake)
    except OSError as error:
        raise intake.refusal(f"it cannot be read ({_reason(error)})") from None
    except BROKEN:
        raise intake.refusal(
            "it cannot be read: damaged, or no such archive; pack it again"
        ) from None
    return _select(intake, one_line(_stem(path)), given)


def _read_archive(path: Path, intake: Intake) -> None:
    suffix = _suffix(path)
    if suffix is None:
        notebook = "; put a notebook's code into modules" if path.suffix == ".ipynb" else ""
        raise intake.refusal(
            f"a submission is a folder or an archive ({', '.join(ARCHIVES)}){notebook}"
        )
    file = open_regular(path.resolve())  # a link to the submission itself is the instructor's own
    if file is None:
        raise intake.refusal("it is neither a file nor a folder")
    with file:
        intake.limit_unpacking(path.stat().st_size)
        ARCHIVES[suffix](file, intake)


def _select(intake: Intake, name: str, given: frozenset[str]) -> Submission:
    """Take the folder that holds the modules, and of it what may be taken."""
    folder = _folder_of_modules(intake)
    files = {
        inside.name: content
        for inside, content in intake.files.items()
        if inside.parent == folder and may_take(inside.name, given)
    }
    _check_case(intake, sorted(files))
    others = [
        path
        for path in sorted([*intake.left, *map(str, intake.files)])
        if not (_is_in(folder, path) and PurePosixPath(path).name in files)
        and PurePosixPath(path).name not in given
        and not _is_released(folder, path)
    ]
    advice = {
        path: advise(PurePosixPath(path).name, frozenset(files)) if _is_in(folder, path) else ""
        for path in others
    }
    return Submission(
        name,
        files,
        ignored=tuple(one_line(path) for path in others if not advice[path]),
        advice=tuple(one_line(line) for line in advice.values() if line),
        reasons={
            one_line(path): reason
            for path in others
            if (reason := intake.reasons.get(path) or _why_not_beside(folder, path))
        },
    )


def _folder_of_modules(intake: Intake) -> PurePosixPath:
    wanted = [f"{module}.py" for module in MODULES]
    holds: dict[PurePosixPath, int] = {}
    for inside in intake.files:
        if inside.name in wanted and inside.parts[-3:-1] != CHECKS:
            holds[inside.parent] = holds.get(inside.parent, 0) + 1
    if not holds:
        reason = f"none of the five modules ({', '.join(wanted)}) is in it"
        advice = _advise_on_nothing(intake)
        raise intake.refusal(f"{reason}; {one_line(advice)}" if advice else reason)
    folder, *others = sorted(holds, key=lambda place: (-holds[place], len(place.parts), str(place)))
    if others and (holds[others[0]], len(others[0].parts)) == (holds[folder], len(folder.parts)):
        raise intake.refusal(
            f"it holds several submissions, {one_line(str(folder))} and "
            f"{one_line(str(others[0]))} among them; hand in one"
        )
    return folder


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
    suffix = None if path.is_dir() else _suffix(path)
    return name[: -len(suffix)] if suffix else name


def _reason(error: OSError) -> str:
    words = error.strerror or type(error).__name__
    return f"{one_line(Path(error.filename).name)}: {words}" if error.filename else words
