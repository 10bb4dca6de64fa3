"""Reading a tar, plain or gzipped, from its beginning to its end and never back.

Python's tarfile believes headers: it reads an extended header of any length at once, keeps lists
of sparse blocks as long as they come, and takes xz under any name. This reader knows what tar,
Git, Python and the usual archivers write (POSIX ustar and pax, GNU long names), in bounded memory.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from .collect import PIECE, Damaged, Intake, read_up_to

BLOCK = 512
MAX_EXTENSION = 64 << 10
MAX_EXTENSIONS = 4  # before one member
GZIP, OTHERS = b"\x1f\x8b", (b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
GZIP_WINDOW = 16 + zlib.MAX_WBITS

REGULAR = (b"0", b"\0", b"7")
FOLDER, SPARSE = b"5", b"S"
LINKS = (b"1", b"2")
WITHOUT_CONTENT = (*LINKS, b"3", b"4", FOLDER, b"6")  # and devices, pipes
LONG_NAME, EXTENDED = b"L", (b"x", b"X")
EXTENSIONS = (LONG_NAME, b"K", *EXTENDED, b"g")  # K: a link's target; g: of no single member


@dataclass
class Header:
    """What stands before a member's content."""

    name: str
    size: int
    kind: bytes


def read_tar(file: BinaryIO, intake: Intake) -> None:
    """Take what may be wanted of a tar, of which every byte is counted.

    Raises:
        Damaged: it is no tar, or ends before its end.
    """
    start = file.read(max(map(len, OTHERS)))
    file.seek(0)
    if start.startswith(OTHERS):
        raise intake.refusal("it is packed by bzip2, xz or zstd; pack it as .zip or .tar.gz")
    stream = _Stream(_Gunzip(file).read if start.startswith(GZIP) else file.read, intake)
    while header := _next_header(stream):
        intake.count(header.name)
        if header.kind == SPARSE:
            raise intake.refusal("it holds sparse files; pack it without that option")
        content = _Content(stream, 0 if header.kind in WITHOUT_CONTENT else header.size)
        if header.kind != FOLDER and not header.name.endswith("/"):
            inside = intake.admit_member(
                header.name, regular=header.kind in REGULAR, link=header.kind in LINKS
            )
            if inside is not None:
                intake.take(inside, header.size, content.read)
        content.finish()
    while stream.read(PIECE):  # what comes after the last member is counted and checked too
        pass


class _Gunzip:
    """The unpacked bytes of a gzip file, never more at a time than are asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflate = zlib.decompressobj(GZIP_WINDOW)

    def read(self, size: int) -> bytes:
        while not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._file.read(PIECE)
            if not packed:
                raise Damaged
            if piece := self._inflate.decompress(packed, size):
                return piece
        return b""


class _Stream:
    """Bytes that are counted as they come."""

    def __init__(self, read: Callable[[int], bytes], intake: Intake) -> None:
        self._read = read
        self._intake = intake

    def read(self, size: int) -> bytes:
        piece = self._read(size)
        self._intake.unpack(len(piece))
        return piece

    def exactly(self, size: int) -> bytes:
        """So many bytes, whatever pieces they come in."""
        content = read_up_to(self.read, size)
        if len(content) < size:
            raise Damaged
        return content


class _Content:
    """A member's content; it ends where its header says, or the archive is damaged."""

    def __init__(self, stream: _Stream, size: int) -> None:
        self._stream = stream
        self._left = size
        self._padding = -size % BLOCK

    def read(self, size: int) -> bytes:
        piece = self._stream.exactly(min(size, self._left))
        self._left -= len(piece)
        return piece

    def finish(self) -> None:
        """Go to the next header."""
        while self.read(PIECE):
            pass
        self._stream.exactly(self._padding)


def _next_header(stream: _Stream) -> Header | None:
    """The next member's header, with what extended ones before it say; None at the end."""
    extended: dict[str, str] = {}
    for _ in range(MAX_EXTENSIONS + 1):
        block = stream.exactly(BLOCK)
        if not any(block):
            return None
        header = _parse(block)
        if header.kind not in EXTENSIONS:
            return _complete(header, extended)
        if header.size > MAX_EXTENSION:
            raise Damaged
        content = stream.exactly(header.size + -header.size % BLOCK)[: header.size]
        if header.kind == LONG_NAME:
            extended["path"] = _text(content.split(b"\0")[0])
        elif header.kind in EXTENDED:
            extended |= _records(content)
    raise Damaged


def _parse(block: bytes) -> Header:
    checksum = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if _octal(block[148:156]) != checksum:
        raise Damaged
    name = block[:100].split(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0")[0]):
        name = prefix + b"/" + name
    return Header(_text(name), _octal(block[124:136]), block[156:157])


def _complete(header: Header, extended: dict[str, str]) -> Header:
    if any(key.startswith("GNU.sparse") for key in extended):
        header.kind = SPARSE
    header.name = extended.get("path", header.name)
    if "size" in extended:
        header.size = _number(extended["size"], "[0-9]{1,20}", 10)
    return header


def _records(content: bytes) -> dict[str, str]:
    """The records `length key=value` of an extended header."""
    records, place = {}, 0
    while place < len(content):
        start = content.find(b" ", place, place + 8) + 1
        end = place + _number(_text(content[place : start - 1]), "[0-9]{1,7}", 10)
        if not place < start < end <= len(content) or content[end - 1 : end] != b"\n":
            raise Damaged
        key, _, value = content[start : end - 1].partition(b"=")
        records[_text(key)] = _text(value)
        place = end
    return records


def _octal(field: bytes) -> int:
    """A number of a header; sizes of 8 GB and more are written otherwise, and are refused."""
    return _number(_text(field.strip(b" \0")), "[0-7]{0,12}", 8)


def _number(text: str, pattern: str, base: int) -> int:
    if not re.fullmatch(pattern, text):
        raise Damaged
    return int(text or "0", base)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
