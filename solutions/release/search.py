"""Search what was written for what must not be in it: archives and notebooks are opened first.

A file that cannot be read as text is refused, whatever it holds: a compiled module keeps no line
that could be searched for.
"""

from __future__ import annotations

import base64
import bisect
import hashlib
import io
import itertools
import json
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from solutions.release.secrets import Secrets, squeezed

MOST_DEPTH = 4
LARGEST = 64 << 20  # bytes of one file, unpacked
BASE64 = re.compile(
    rb"(?:[A-Za-z0-9+/]{40,}(?:\\n|\s)?)+[A-Za-z0-9+/]*={0,2}"
)  # of one line or more
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
BROKEN = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Finding:
    """What was found, and where.

    Attributes:
        place: the file, `archive.zip!member` inside another, with `:line` in text.
        what: what it shows.
    """

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def search(files: dict[str, bytes], secrets: Secrets) -> list[Finding]:
    """Everything that should not be in these files, in the order of their names.

    Args:
        files: contents by path.
        secrets: what to look for.
    """
    return [
        finding
        for name, content in sorted(files.items())
        for finding in _file(name, content, secrets)
    ]


def _file(name: str, content: bytes, secrets: Secrets, depth: int = 0) -> Iterator[Finding]:
    if whole := secrets.files.get(hashlib.sha256(content).hexdigest()):
        yield Finding(name, f"it is {whole}")
        return
    for secret in secrets.pieces:
        if secret.content and secret.content in content:
            yield Finding(name, f"it holds {secret.what}")
            return
    if depth > MOST_DEPTH:
        yield Finding(name, "it is packed too deep to be searched")
    elif content.startswith(ARCHIVES) or content[257:262] == b"ustar":
        yield from _archive(name, content, secrets, depth)
    elif not content.startswith(PICTURES):
        yield from _text(name, content, secrets, depth)


def _archive(name: str, content: bytes, secrets: Secrets, depth: int) -> Iterator[Finding]:
    try:
        members = _members(content)
    except BROKEN as error:
        yield Finding(name, f"it cannot be searched ({error})")
        return
    for member, inside in members:
        yield from _file(f"{name}!{member}", inside, secrets, depth + 1)


def _members(content: bytes) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if info.file_size > LARGEST:
                    raise ValueError(f"{info.filename} is larger than {LARGEST >> 20} MB")
                found.append((info.filename, archive.read(info)))
        return found
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for member in tar:
                if member.size > LARGEST:
                    raise ValueError(f"{member.name} is larger than {LARGEST >> 20} MB")
                if (stream := tar.extractfile(member)) is not None:
                    found.append((member.name, stream.read()))
        return found
    except tarfile.TarError:
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)  # one gzipped file
        unpacked = inflate.decompress(content, LARGEST)
        if not inflate.eof:
            raise ValueError(f"it unpacks to more than {LARGEST >> 20} MB") from None
        return [("content", unpacked)]


def _text(name: str, content: bytes, secrets: Secrets, depth: int) -> Iterator[Finding]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        yield Finding(name, "it is compiled or binary, and cannot be searched; release text alone")
        return
    yield from _lines(name, text, secrets)
    if name.endswith(".ipynb"):
        yield from _notebook(name, text, secrets)
    for number, found in enumerate(BASE64.findall(content), start=1):
        letters = re.sub(rb"\\n|[\s=]", b"", found)
        decoded = base64.b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")
        yield from _encoded(f"{name}!base64 {number}", decoded, secrets, depth + 1)


def _notebook(name: str, text: str, secrets: Secrets) -> Iterator[Finding]:
    """The cells' text, joined as a reader sees it."""
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        yield Finding(name, f"it is no notebook, and cannot be searched ({error!r})")
        return
    for number, source in enumerate(sources, start=1):
        yield from _lines(f"{name}!cell {number}", source, secrets)


def _encoded(name: str, content: bytes, secrets: Secrets, depth: int) -> Iterator[Finding]:
    """What base64 may have hidden; what is neither text nor an archive was no base64, or data."""
    if content.startswith(ARCHIVES):
        yield from _archive(name, content, secrets, depth)
        return
    for secret in secrets.pieces:
        if secret.content and secret.content in content:
            yield Finding(name, f"it holds {secret.what}")
            return
    yield from _lines(name, content.decode("utf-8", "replace"), secrets)


def _lines(name: str, text: str, secrets: Secrets) -> Iterator[Finding]:
    """Secrets in a text, each with the line that it begins on."""
    tight = squeezed(text)
    found = [s for s in secrets.pieces if s.text and s.text in tight]
    if not found:
        return
    lengths = itertools.accumulate(len(squeezed(line)) for line in text.split("\n"))
    ends = list(lengths)  # how much of the squeezed text stands above the end of each line
    for secret in found:
        line = bisect.bisect_right(ends, tight.find(secret.text)) + 1
        yield Finding(f"{name}:{line}", f"it shows {secret.what}")
