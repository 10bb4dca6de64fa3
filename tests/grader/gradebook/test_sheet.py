"""Files of others come back to the last byte, but for the cells that were changed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook.lms.sheet import parse_sheet, quote, read_sheet, split_lines, unquote

texts = st.text(st.sampled_from("ab ;,\t\"'\n=é€"), max_size=8)
rows = st.lists(st.lists(texts, min_size=2, max_size=5), min_size=1, max_size=5)
delimiters = st.sampled_from([",", ";", "\t"])
ends = st.sampled_from(["\n", "\r\n"])


def written(table: list[list[str]], delimiter: str, end: str, quoting: int) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)
    return file.getvalue()


@given(rows, delimiters, ends, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_it_reads_what_the_csv_module_writes(table, delimiter, end, quoting):
    text = written(table, delimiter, end, quoting)
    lines = split_lines(text, delimiter)
    assert [[unquote(cell) for cell in line.cells] for line in lines] == table
    assert "".join(delimiter.join(line.cells) + line.end for line in lines) == text
    assert all(line.end == end for line in lines)


@given(rows, delimiters, ends, texts, st.data())
def test_a_changed_cell_is_all_that_changes(table, delimiter, end, text, data):
    original = written(table, delimiter, end, csv.QUOTE_MINIMAL)
    lines = split_lines(original, delimiter)
    row = data.draw(st.integers(0, len(table) - 1))
    column = data.draw(st.integers(0, len(table[row]) - 1))
    lines[row].put(column, text, delimiter)
    table[row][column] = text
    changed = "".join(delimiter.join(line.cells) + line.end for line in lines)
    reader = csv.reader(io.StringIO(changed, newline=""), delimiter=delimiter)
    assert list(reader) == table


@given(texts)
def test_quotes_come_off_again(text):
    assert unquote(quote(text)) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"), (b"", "utf-16-le"), (b"", "utf-16-be"), (b"", "cp1252"),
        (b"", "latin-1"),
    ],
)  # fmt: skip
def test_every_way_to_write_a_file(
    tmp_path: Path, bom: bytes, encoding: str, delimiter: str, end: str
):
    other = "\x81" if encoding == "latin-1" else "é"  # which cp1252 does not have
    table = [["Student", "ID", "Grade"], [f"Zo{other}", "1", ""], ['"a""b"', "2", '"3"']]
    content = bom + end.join(delimiter.join(row) for row in table).encode(encoding)
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    sheet = read_sheet(path)
    assert (sheet.bom, sheet.encoding, sheet.delimiter) == (bom, encoding, delimiter)
    assert sheet.header == ["Student", "ID", "Grade"]
    assert sheet.to_bytes() == content
    assert sheet.lines[1].value(0) == f"Zo{other}"
    sheet.lines[1].put(2, "9.00", delimiter)
    sheet.lines[2].put(2, "8.00", delimiter)
    changed = content[len(bom) :].decode(encoding).split(end)
    assert changed[1:] == [f"Zo{other}{delimiter}1{delimiter}", f'"a""b"{delimiter}2{delimiter}"3"']
    assert sheet.to_bytes() == bom + end.join(
        [changed[0], changed[1] + "9.00", changed[2].replace('"3"', '"8.00"')]
    ).encode(encoding)


def test_cells_of_several_lines_are_counted_as_an_editor_counts():
    sheet = parse_sheet(b'a,b\n"x\ny",1\nz,2')
    assert [(line.number, line.value(0)) for line in sheet.lines] == [
        (1, "a"),
        (2, "x\ny"),
        (4, "z"),
    ]


def test_the_delimiter_is_not_looked_for_within_quotes():
    assert parse_sheet(b'"a,b,c";d;e\n').header == ["a,b,c", "d", "e"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b'a,b\n"x,1\n', "never closed"),
        (b"PK\x03\x04\x00\x00binary", "no CSV"),
        (b"a,b\nx\x00,1\n" + b"y" * 300, "NUL|no CSV"),
        (b"\xff\xfeab\x00", "no CSV"),
    ],
)
def test_what_is_none_is_refused_in_one_line(tmp_path: Path, content: bytes, words: str):
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as error:
        read_sheet(path)
    assert "\n" not in str(error.value)


def test_what_cannot_be_read(tmp_path: Path):
    for path in (tmp_path, tmp_path / "none.csv", tmp_path / "a\0b"):
        with pytest.raises(UsageError, match="cannot be read"):
            read_sheet(path)
