"""Reading a zip: what its directory says is checked before anything is unpacked."""

from __future__ import annotations

import os
import stat
import zipfile
from typing import BinaryIO

from .collect import Intake

MAX_READ = 2 << 20  # above what a directory of the most entries needs
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
LOCAL_HEADER = 30  # bytes, and the name after them


def read_zip(file: BinaryIO, intake: Intake) -> None:
    """Take what may be wanted of a zip."""
    with zipfile.ZipFile(_Bounded(file, intake)) as archive:
        members = archive.infolist()
        for member in members:
            intake.count(member.orig_filename)
            intake.unpack(member.file_size)
        if _overlap(members):
            raise intake.refusal("its members lie over each other, which no packer does")
        for member in members:
            if not member.orig_filename.endswith("/"):  # a folder
                _take(archive, member, intake)


def _take(archive: zipfile.ZipFile, member: zipfile.ZipInfo, intake: Intake) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)  # 0 where it was not packed on Unix
    # zipfile cuts `filename` at a NUL; this is the name that was written.
    inside = intake.admit_member(
        member.orig_filename, regular=kind in (0, stat.S_IFREG), link=kind == stat.S_IFLNK
    )
    if inside is None:
        return
    if member.flag_bits & ENCRYPTED:
        raise intake.refusal("it is encrypted; pack it without a password")
    if member.compress_type not in METHODS:  # zipfile bounds the output of no other
        raise intake.refusal("its compression is not read here; pack it as a common zip")
    with archive.open(member) as stream:
        intake.take(inside, member.file_size, stream.read)


def _overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Whether one member's bytes serve another too, as in bombs that take little room."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + LOCAL_HEADER + member.compress_size
    return False


class _Bounded:
    """A file without long reads: zipfile reads a directory at once, as long as it says it is."""

    def __init__(self, file: BinaryIO, intake: Intake) -> None:
        self._file = file
        self._intake = intake

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(MAX_READ + 1 if size < 0 else min(size, MAX_READ + 1))
        if len(content) > MAX_READ:
            raise self._intake.too_many()
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True
