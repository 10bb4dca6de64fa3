"""A submission as files: opened from a folder or an archive, then staged beside given files.

Only names on a short list are taken: the five modules, helper modules of the student's own beside
them, and `weights.safetensors`. Everything else is left where it is, and said.
"""

from __future__ import annotations

import hashlib
import json
import keyword
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .errors import UsageError
from .text import printable

MODULES = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")
WEIGHTS = "weights.safetensors"
MAX_FILE = 64 << 20
MAX_TOTAL = 128 << 20
MAX_ENTRIES = 2000
MAX_DEPTH = 3
MAX_NAME = 100  # bytes
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")

BROKEN = (
    OSError,
    EOFError,
    MemoryError,
    ValueError,
    RuntimeError,  # a zip with a password
    NotImplementedError,  # a compression that zipfile does not know
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
)

Found = dict[PurePosixPath, bytes | None]  # None: not a regular file that could be taken


@dataclass(frozen=True)
class Submission:
    """What was taken from a submission.

    Attributes:
        name: the folder's or archive's name.
        files: contents by file name, flat: `autoencoder.py`, …, `weights.safetensors`.
        ignored: names that were found beside them and not taken.
    """

    name: str
    files: dict[str, bytes]
    ignored: tuple[str, ...]

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
    try:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        found = _read(path)
    except BROKEN as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if isinstance(error, tarfile.ReadError | zipfile.BadZipFile):
            reason = "it is damaged, or no such archive"
        raise UsageError(f"{path}: it cannot be read ({reason})") from None
    return _select(_name_of(path), path, found, given)


def _read(path: Path) -> Found:
    if path.is_dir():
        return _read_folder(path)
    if path.name.lower().endswith(".zip"):
        return _read_zip(path)
    if path.name.lower().endswith(ARCHIVES):
        return _read_tar(path)
    raise UsageError(f"{path}: a submission is a folder or an archive ({', '.join(ARCHIVES)})")


def _read_folder(root: Path) -> Found:
    """The regular files that could be taken; links are not followed."""
    found: Found = {}
    entries = 0
    for folder, subfolders, names in os.walk(root, followlinks=False):
        depth = len(Path(folder).relative_to(root).parts)
        holds_all = all(f"{module}.py" in names for module in MODULES)
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not holds_all  # what lies below, plots or data, is not of interest
            and depth < MAX_DEPTH
            and not name.startswith(".")
            and name != "__pycache__"
        )
        for name in sorted(names):
            entries += 1
            _check_count(root, entries)
            file = Path(folder, name)
            inside = PurePosixPath(file.relative_to(root).as_posix())
            if stat.S_ISREG(file.lstat().st_mode) and _is_wanted(inside):
                _check_size(root, inside, file.stat().st_size, found)
                found[inside] = file.read_bytes()
            else:
                found[inside] = None
    return found


def _read_zip(path: Path) -> Found:
    found: Found = {}
    with zipfile.ZipFile(path) as archive:
        for number, info in enumerate(archive.infolist(), start=1):
            _check_count(path, number)
            kind = stat.S_IFMT(info.external_attr >> 16)
            inside = _inside(info.filename)
            if info.is_dir() or inside is None:
                continue
            if kind not in (0, stat.S_IFREG) or not _is_wanted(inside):
                found[inside] = None
                continue
            _check_size(path, inside, info.file_size, found)
            with archive.open(info) as stream:  # the size in the directory may be a lie
                found[inside] = stream.read(MAX_FILE + 1)
            _check_size(path, inside, len(found[inside] or b""), found)
    return found


def _read_tar(path: Path) -> Found:
    found: Found = {}
    with tarfile.open(path) as archive:
        for number, info in enumerate(archive, start=1):
            _check_count(path, number)
            inside = _inside(info.name)
            if info.isdir() or inside is None:
                continue
            if not info.isreg() or not _is_wanted(inside):
                found[inside] = None
                continue
            _check_size(path, inside, info.size, found)
            stream = archive.extractfile(info)
            found[inside] = stream.read() if stream else b""
    return found


def _inside(name: str) -> PurePosixPath | None:
    """A member's path inside an archive; None for one that points out of it or is hidden."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or ".." in parts or not parts or "\0" in name or ":" in name:
        return None
    if "__MACOSX" in parts or "__pycache__" in parts or any(p.startswith(".") for p in parts):
        return None
    return PurePosixPath(*parts)


def _is_wanted(path: PurePosixPath) -> bool:
    return path.suffix == ".py" or path.name == WEIGHTS


def _check_count(path: Path, entries: int) -> None:
    if entries > MAX_ENTRIES:
        raise UsageError(f"{path}: more than {MAX_ENTRIES} files; hand in the assignment alone")


def _check_size(path: Path, inside: PurePosixPath, size: int, found: Found) -> None:
    total = size + sum(len(content or b"") for other, content in found.items() if other != inside)
    if size > MAX_FILE or total > MAX_TOTAL:
        raise UsageError(
            f"{path}: {inside} is too large (limits: {MAX_FILE >> 20} MB a file, "
            f"{MAX_TOTAL >> 20} MB in all)"
        )


def _select(name: str, path: Path, found: Found, given: frozenset[str]) -> Submission:
    """Take the folder that holds the modules, and of it what may be taken."""
    wanted = {f"{module}.py" for module in MODULES}
    holds: dict[PurePosixPath, int] = {}
    for inside, content in found.items():
        if inside.name in wanted and content is not None:
            holds[inside.parent] = holds.get(inside.parent, 0) + 1
    if not holds:
        raise UsageError(f"{path}: none of the five modules ({', '.join(sorted(wanted))}) is in it")
    folder, *others = sorted(holds, key=lambda place: (-holds[place], len(place.parts), str(place)))
    if others and (holds[others[0]], len(others[0].parts)) == (holds[folder], len(folder.parts)):
        raise UsageError(
            f"{path}: it holds several submissions, {printable(str(folder))} and "
            f"{printable(str(others[0]))} among them; hand in one"
        )
    files = {
        inside.name: content
        for inside, content in found.items()
        if content is not None and inside.parent == folder and _may_take(inside.name, given)
    }
    ignored = sorted(
        printable(str(inside)) for inside in found
        if not (inside.parent == folder and inside.name in files) and inside.name not in given
    )  # fmt: skip
    return Submission(printable(name), files, tuple(ignored))


def _may_take(name: str, given: frozenset[str]) -> bool:
    stem = name.removesuffix(".py")
    is_module = name.endswith(".py") and stem.isidentifier() and not keyword.iskeyword(stem)
    is_short = len(name.encode("utf-8", "replace")) <= MAX_NAME
    return name == WEIGHTS or (is_module and is_short and name not in given)


def _name_of(path: Path) -> str:
    name = path.resolve().name
    for suffix in ARCHIVES:
        if not path.is_dir() and name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
