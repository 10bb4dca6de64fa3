"""Tars: what usual programs write is read as Python reads it, and lies cost nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.grader.packing import FILES, GIVEN, opened, refusal, watched, write_tar

DAMAGED = "it cannot be read: damaged, or no such archive; pack it again"
FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
END = bytes(1024)


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """One header by itself, with whatever it claims."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def member(name: str, content: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A header and its content, padded."""
    return header(name, len(content), kind) + content + bytes(-len(content) % 512)


def gzipped_zeros(size: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """A gzip of so many zeros, made without holding them."""
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(before)]
    pieces += [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*pieces, packer.compress(after), packer.flush()])


class TestRead:
    """What tar, Git and Python write."""

    @pytest.mark.parametrize("kind", FORMATS, ids=["ustar", "gnu", "pax"])
    @pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
    def test_formats_of_every_age(self, tmp_path: Path, kind: int, suffix: str) -> None:
        files = {f"{'folder' * 15}/{name}": text for name, text in FILES.items()}
        path = write_tar(tmp_path / f"s{suffix}", files, format=kind)
        assert opened(path).files == FILES

    NAMES = st.from_regex(r"([a-zé0-9]{1,40}/){0,4}[a-zé]{1,60}", fullmatch=True)

    @given(names=st.lists(NAMES, max_size=6, unique=True), kind=st.sampled_from(FORMATS[1:]))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
    def test_names_are_those_that_python_reads(
        self, tmp_path: Path, names: list[str], kind: int
    ) -> None:
        files = {f"{name}.txt": name.encode() for name in names} | FILES
        path = write_tar(tmp_path / "s.tar", files, format=kind)
        taken = opened(path)
        assert taken.files == FILES
        assert len(taken.ignored) == len(names)
        with tarfile.open(path) as archive:
            shown = [n if len(n) <= 100 else f"…{n[-100:]}" for n in archive.getnames()]
        assert set(taken.ignored) == set(shown) - set(FILES)

    def test_size_in_an_extended_header_counts(self, tmp_path: Path) -> None:
        record = b"14 size=00600\n"
        assert len(record) == 14
        content = b"#" * 600
        data = member("x", record, tarfile.XHDTYPE) + header("threshold.py", 0)
        (tmp_path / "s.tar").write_bytes(data + content + bytes(424) + END)
        assert opened(tmp_path / "s.tar").files == {"threshold.py": content}

    def test_comment_of_git_archive(self, tmp_path: Path) -> None:
        path = tmp_path / "s.tar"
        with tarfile.open(
            path, "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "0" * 40}
        ) as archive:
            archive.addfile(tarfile.TarInfo("threshold.py"))
        assert opened(path).files == {"threshold.py": b""}

    def test_suffix_does_not_say_whether_it_is_gzipped(self, tmp_path: Path) -> None:
        plain, packed = tmp_path / "plain.tar", tmp_path / "packed.tar.gz"
        for path in (plain, packed):
            write_tar(path, FILES)
        plain.rename(tmp_path / "now.tar.gz")
        packed.rename(tmp_path / "now.tar")
        assert opened(tmp_path / "now.tar.gz").files == FILES
        assert opened(tmp_path / "now.tar").files == FILES


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
)
def test_links_and_devices(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "s.tar"
    with tarfile.open(path, "w") as archive:
        for name, type_ in (("threshold.py", tarfile.REGTYPE), ("contrastive.py", kind)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = type_, "/etc/passwd"
            archive.addfile(info)
    taken = opened(path)
    assert set(taken.files) == {"threshold.py"}
    assert taken.ignored == ("contrastive.py",)


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress], ids=["bzip2", "xz"])
@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_other_compression_under_a_name_that_is_read(
    tmp_path: Path, pack: Callable[[bytes], bytes], suffix: str
) -> None:
    path = tmp_path / f"s{suffix}"
    path.write_bytes(pack(member("threshold.py", bytes(10 << 20)) + END))
    assert refusal(path) == "it is packed by bzip2, xz or zstd; pack it as .zip or .tar.gz"


class TestLies:
    """Headers that claim what is not there, or hide what is."""

    def told(self, tmp_path: Path, data: bytes, suffix: str = ".tar") -> str:
        path = tmp_path / f"s{suffix}"
        path.write_bytes(data)
        outcome = watched(path)
        assert outcome.megabytes < 20
        return outcome.said.removeprefix(f"{path}: ")

    def test_size_of_gigabytes(self, tmp_path: Path) -> None:
        line = self.told(tmp_path, header("threshold.py", 10 << 30) + b"x")
        assert line == DAMAGED  # such a number is written in another base, and never meant
        line = self.told(tmp_path, header("threshold.py", 7 << 30) + b"x")
        assert line == "threshold.py is too large (limits: 64 MB a file, 128 MB in all)"

    def test_size_below_zero(self, tmp_path: Path) -> None:
        record = member("x", b"12 size=-512\n", tarfile.XHDTYPE)
        assert self.told(tmp_path, record + header("threshold.py", 0) + END) == DAMAGED

    def test_content_that_does_not_come(self, tmp_path: Path) -> None:
        assert self.told(tmp_path, header("threshold.py", 60 << 20) + b"x" * 5000) == DAMAGED

    @pytest.mark.parametrize(
        "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, b"K"]
    )
    def test_extended_header_of_gigabytes(self, tmp_path: Path, kind: bytes) -> None:
        data = gzipped_zeros(40 << 20, before=header("x", 4 << 30, kind))
        assert self.told(tmp_path, data, ".tar.gz") == DAMAGED

    def test_extended_headers_without_end(self, tmp_path: Path) -> None:
        data = member("x", b"", tarfile.XHDTYPE) * 100_000
        assert self.told(tmp_path, gzip.compress(data, 1), ".tar.gz") == DAMAGED

    def test_sparse_file(self, tmp_path: Path) -> None:
        line = self.told(tmp_path, header("threshold.py", 0, tarfile.GNUTYPE_SPARSE) + END)
        assert line == "it holds sparse files; pack it without that option"

    @pytest.mark.parametrize(
        "record",
        [b"9", b"99999 path=x\n", b"0 path=x\n", b"10 path=xy", b"-5 p=x\n", b"x", b"9" * 5000],
    )
    def test_records_that_are_none(self, tmp_path: Path, record: bytes) -> None:
        data = member("x", record, tarfile.XHDTYPE) + member("threshold.py", b"x") + END
        assert self.told(tmp_path, data) == DAMAGED

    def test_bomb_before_the_first_member(self, tmp_path: Path) -> None:
        data = gzipped_zeros(600 << 20, after=member("threshold.py", b"x"))
        assert self.told(tmp_path, data, ".tar.gz").startswith("it unpacks to more than 261 MB")

    def test_bomb_in_a_member_that_is_not_taken(self, tmp_path: Path) -> None:
        before = member("threshold.py", b"x") + header("data.bin", 1 << 30)
        line = self.told(tmp_path, gzipped_zeros(1 << 30, before), ".tar.gz")
        assert line.startswith("it unpacks to more than ")

    def test_bomb_after_the_last_member(self, tmp_path: Path) -> None:
        data = gzipped_zeros(600 << 20, before=member("threshold.py", b"x") + END)
        line = self.told(tmp_path, data, ".tar.gz")
        assert line.startswith("it unpacks to more than ")

    def test_gzip_in_gzip(self, tmp_path: Path) -> None:
        data = gzip.compress(gzipped_zeros(100 << 20))
        assert self.told(tmp_path, data, ".tar.gz") == DAMAGED

    def test_gzip_header_that_does_not_end(self, tmp_path: Path) -> None:
        data = b"\x1f\x8b\x08\x08" + bytes(6) + b"name" * (8 << 20)
        assert self.told(tmp_path, data, ".tar.gz") == DAMAGED

    def test_second_gzip_after_the_first_is_not_read(self, tmp_path: Path) -> None:
        data = gzip.compress(member("threshold.py", b"x") + END) + gzip.compress(b"") * 100_000
        assert self.told(tmp_path, data, ".tar.gz") == "threshold.py"


def test_one_name_twice(tmp_path: Path) -> None:
    path = tmp_path / "s.tar"
    path.write_bytes(member("threshold.py", b"first") + member("threshold.py", b"second") + END)
    assert refusal(path) == "threshold.py is in it twice; pack it again"


def test_names_of_two_spellings(tmp_path: Path) -> None:
    assert "model.py" in GIVEN
    buffer = io.BytesIO(member("./model.py", b"x") + member("./threshold.py", b"y") + END)
    (tmp_path / "s.tar").write_bytes(buffer.getvalue())
    assert opened(tmp_path / "s.tar").files == {"threshold.py": b"y"}
