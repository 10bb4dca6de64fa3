"""An LMS's bulk download that is still one .zip: unpacked, its names believed in nothing."""

from __future__ import annotations

import contextlib
import errno
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import GraderError, UsageError
from ..intake.names import place
from ..temporary import temporary_folder
from ..text import one_line
from .candidates import is_left_behind
from .work import Refused, plain_text

MAX_MEMBERS = 200_000
MAX_BYTES = 64 << 30
PIECE = 1 << 20


@contextlib.contextmanager
def opened_download(path: Path) -> Iterator[tuple[Path, tuple[Refused, ...]]]:
    """The folder itself; or, of a .zip, a folder with what is in it, as long as it is needed.

    Yields:
        The folder, and which members could not be unpacked.

    Raises:
        UsageError: the zip is damaged, or too large.
        GraderError: there is no room for it.
    """
    if path.is_dir() or path.suffix.lower() != ".zip":
        yield path, ()
        return
    with temporary_folder() as folder:
        yield folder, tuple(_unpack(path, folder))


def _unpack(path: Path, folder: Path) -> list[Refused]:
    name = one_line(str(path), 1000)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_size(name, members, folder)
            return [refused for member in members if (refused := _take(archive, member, folder))]
    except FileNotFoundError:
        raise UsageError(f"{name}: there is no such file or folder") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        raise UsageError(f"{name}: it is damaged, or no zip; download it again") from None
    except OSError as error:
        raise GraderError(f"{name}: it cannot be unpacked ({error.strerror})") from None


def _check_size(name: str, members: list[zipfile.ZipInfo], folder: Path) -> None:
    size = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or size > MAX_BYTES:
        raise UsageError(f"{name}: more than {MAX_MEMBERS} files or {MAX_BYTES >> 30} GB are in it")
    if size > shutil.disk_usage(folder).free:
        raise GraderError(f"{name}: {folder} has no room for its {size >> 20} MB; set TMPDIR")


def _take(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Refused | None:
    """Unpack one member; what it is called decides only its place in the folder."""
    if member.is_dir():
        return None
    inside = place(member.filename)
    if inside is None or any(is_left_behind(part) for part in inside.parts[:1]):
        return None if inside else Refused(plain_text(member.filename), "its name leads elsewhere")
    target = folder.joinpath(*inside.parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        left = member.file_size
        with archive.open(member) as source, target.open("xb") as file:
            while piece := source.read(PIECE):
                left -= len(piece)
                if left < 0:
                    target.unlink()  # what is there of it must not be taken for a submission
                    return Refused(plain_text(member.filename), "it is larger than it says")
                file.write(piece)
    except FileExistsError:
        return Refused(plain_text(member.filename), "another file of the download has its name")
    except (NotADirectoryError, RuntimeError):  # below a file; encrypted
        return Refused(plain_text(member.filename), "it cannot be unpacked")
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):  # the name's fault, not the disk's
            return Refused(plain_text(member.filename), "its name is too long for a file")
        raise
    return None
