"""Zips made by no packer."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from tests.grader.packing import FILES, opened, refusal, watched, write_zip

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
DAMAGED = "it cannot be read: damaged, or no such archive; pack it again"


def central(name: bytes, offset: int = 0, size: int = 0) -> bytes:
    """An entry of a zip's directory."""
    fields = (CENTRAL, 20, 20, 0, 0, 0, 0, 0, size, size, len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", *fields) + name


def directory(entries: bytes, count: int, offset: int) -> bytes:
    """A zip's directory with the record that ends it."""
    end = struct.pack(
        "<4s4H2LH", END, 0, 0, count & 0xFFFF, count & 0xFFFF, len(entries), offset, 0
    )
    return entries + end


def set_flag(path: Path, bit: int) -> None:
    """Set a flag of every member."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((LOCAL, 6), (CENTRAL, 8)):
        place = data.find(signature)
        while place >= 0:
            data[place + offset] |= bit
            place = data.find(signature, place + 1)
    path.write_bytes(data)


def test_link(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("threshold.py", "x")
        link = zipfile.ZipInfo("contrastive.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    taken = opened(path)
    assert set(taken.files) == {"threshold.py"}
    assert taken.ignored == ("contrastive.py",)


def test_encrypted(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "s.zip", FILES)
    set_flag(path, 1)
    assert refusal(path) == "it is encrypted; pack it without a password"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_whose_output_nobody_bounds(tmp_path: Path, method: int) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("threshold.py", bytes(10 << 20))
    line = refusal(path)
    assert line == "its compression is not read here; pack it as a common zip"


def test_one_name_twice(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of what is wanted here
        for content in ("first", "second"):
            archive.writestr("threshold.py", content)
    assert refusal(path) == "threshold.py is in it twice; pack it again"


def test_size_that_is_a_lie(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "s.zip", FILES | {"big.py": bytes(1_000_000)})
    data = bytearray(path.read_bytes())
    for signature, offset, name_at in (
        (LOCAL, 22, data.find(b"big.py")),
        (CENTRAL, 24, data.rfind(b"big.py")),
    ):
        start = data.rfind(signature, 0, name_at)
        data[start + offset : start + offset + 4] = struct.pack("<I", 5)
    path.write_bytes(data)
    assert refusal(path) == DAMAGED


def test_name_of_no_letters(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "s.zip", FILES | {"x": b""})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"x")
    taken = opened(path)
    assert taken.files == FILES


def test_members_over_each_other(tmp_path: Path) -> None:
    """One piece of compressed bytes that many entries unpack: a bomb that takes little room."""
    body = LOCAL + struct.pack("<5H3L2H", 20, 0, 0, 0, 0, 0, 9, 9, 5, 0) + b"a.txt" + b"x" * 9
    entries = b"".join(central(b"%05d" % n, 0, 9) for n in range(100))
    (tmp_path / "s.zip").write_bytes(body + directory(entries, 100, len(body)))
    line = refusal(tmp_path / "s.zip")
    assert line == "its members lie over each other, which no packer does"


def test_million_entries_cost_no_memory(tmp_path: Path) -> None:
    """The number in the end record has sixteen bits; the directory goes on."""
    with (tmp_path / "s.zip").open("wb") as file:
        file.write(directory(central(b"x") * 1_000_000, 1_000_000, 0))
    outcome = watched(tmp_path / "s.zip")
    assert outcome.said.endswith("more than 2000 files; hand in the assignment alone")
    assert outcome.megabytes < 20


def test_many_small_entries_within_one_read(tmp_path: Path) -> None:
    entries = central(b"x") * 40_000
    (tmp_path / "s.zip").write_bytes(directory(entries, 40_000, 0))
    outcome = watched(tmp_path / "s.zip")
    assert outcome.said.endswith("more than 2000 files; hand in the assignment alone")
    assert outcome.megabytes < 64


def test_as_many_files_as_are_allowed(tmp_path: Path) -> None:
    others = {f"notes/{'long' * 20}/{number}.txt": b"" for number in range(1995)}
    assert opened(write_zip(tmp_path / "s.zip", FILES | others)).files == FILES


def test_all_that_is_allowed_fits_twice(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("threshold.py", bytes(64 << 20))
        archive.writestr("weights.safetensors", bytes(64 << 20))
    outcome = watched(path)
    assert outcome.said == "threshold.py weights.safetensors"
    assert outcome.megabytes < 256
