"""A CSV file that somebody else wrote, changed in single cells and nowhere else.

The csv module forgets which cells were quoted; here every cell keeps the characters it came with,
so that a file in which nothing was changed is written back to the last byte.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DELIMITERS = (",", ";", "\t")
LARGEST = 64 << 20  # bytes; an export of a class is a thousandth of that


@dataclass
class Line:
    """A row as it stands in the file.

    Attributes:
        number: of its first line in the file, from 1.
        cells: what stands between the delimiters, quotes included.
        end: its line end, "" after the last one of some files.
    """

    number: int
    cells: list[str]
    end: str

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing in it."""
        return not any(cell.strip() for cell in self.cells)

    def value(self, column: int) -> str:
        """The text of a cell, without quotes and spaces around it; "" beyond the last one."""
        return unquote(self.cells[column]).strip() if column < len(self.cells) else ""

    def put(self, column: int, text: str, delimiter: str) -> None:
        """Change a cell; it is quoted where it was before, or where it has to be."""
        was_quoted = self.cells[column].lstrip().startswith('"')
        needs_quotes = any(sign in text for sign in (delimiter, '"', "\n", "\r"))
        self.cells[column] = quote(text) if was_quoted or needs_quotes else text


@dataclass
class Sheet:
    """A CSV file with everything that a program that reads it back may look at.

    Attributes:
        bom: the bytes it begins with, b"" for none.
        encoding: how the rest is encoded.
        delimiter: what stands between cells.
        lines: its rows, the header first.
    """

    bom: bytes
    encoding: str
    delimiter: str
    lines: list[Line]

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        first = self.lines[0]
        return [first.value(column) for column in range(len(first.cells))]

    def to_bytes(self) -> bytes:
        """The file; what its encoding does not have becomes a question mark."""
        text = "".join(self.delimiter.join(line.cells) + line.end for line in self.lines)
        return self.bom + text.encode(self.encoding, "replace")


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: it cannot be read ({reason})") from None
    if len(content) > LARGEST:
        raise UsageError(f"{path}: over {LARGEST >> 20} MB is no list of grades")
    try:
        sheet = parse_sheet(content)
    except ValueError as error:
        raise UsageError(f"{path}: it is no CSV file ({error}); export it again") from None
    if sheet.to_bytes() != content:  # so that what is left alone comes back as it was
        raise UsageError(f"{path}: its encoding cannot be told; save it as UTF-8")
    return sheet


def parse_sheet(content: bytes) -> Sheet:
    """Take a CSV file apart.

    Raises:
        ValueError: it is none; says why.
    """
    bom, encoding = _encoding_of(content)
    text = content[len(bom) :].decode(encoding)
    if not text.strip():
        raise ValueError("it is empty")
    if "\0" in text:
        raise ValueError("it holds NUL characters")
    delimiter = _delimiter_of(text)
    return Sheet(bom, encoding, delimiter, split_lines(text, delimiter))


def split_lines(text: str, delimiter: str) -> list[Line]:
    """Rows and cells of a CSV text; all of it, joined again, is the text.

    Raises:
        ValueError: a quote is opened and never closed.
    """
    lines: list[Line] = []
    cells: list[str] = []
    position, number, first = 0, 1, 1
    while position < len(text) or cells:
        end = _cell_end(text, position, delimiter, number)
        cell = text[position:end]
        cells.append(cell)
        number += _count_line_ends(cell)
        if text[end : end + 1] == delimiter:
            position = end + 1
            continue
        line_end = "\r\n" if text[end : end + 2] == "\r\n" else text[end : end + 1]
        lines.append(Line(first, cells, line_end))
        number += 1
        first, cells, position = number, [], end + len(line_end)
    return lines


def unquote(cell: str) -> str:
    """The text of a cell as it stands in a file."""
    bare = cell.strip(" ")
    if len(bare) >= 2 and bare[0] == bare[-1] == '"':
        return bare[1:-1].replace('""', '"')
    return cell


def quote(text: str) -> str:
    """A text as a quoted cell."""
    return '"' + text.replace('"', '""') + '"'


def _cell_end(text: str, position: int, delimiter: str, number: int) -> int:
    """Where the cell that begins at `position` ends: at a delimiter, a line end, or the end."""
    start = position
    while text[start : start + 1] == " ":
        start += 1
    if text[start : start + 1] == '"':
        position = start + 1
        while True:
            position = text.find('"', position) + 1
            if not position:
                raise ValueError(f"line {number}: a quote is opened and never closed")
            if text[position : position + 1] != '"':
                break
            position += 1
    stop = re.compile(f"[{delimiter}\n\r]").search(text, position)
    return stop.start() if stop else len(text)


def _count_line_ends(cell: str) -> int:
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def _encoding_of(content: bytes) -> tuple[bytes, str]:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return bom, encoding
    if b"\0" in content[:200]:  # a header is ASCII for the most part: every other byte is 0
        return b"", "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return b"", encoding
    return b"", "latin-1"


def _delimiter_of(text: str) -> str:
    """What parts the header into the most cells."""
    counts = {}
    for delimiter in DELIMITERS:
        end, cells = 0, 0
        while True:
            end = _cell_end(text, end, delimiter, 1)
            cells += 1
            if text[end : end + 1] != delimiter:
                break
            end += 1
        counts[delimiter] = cells
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])
