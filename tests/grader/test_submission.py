"""What is taken from a submission, however it was packed, and what no packing gets through."""

from __future__ import annotations

import contextlib
import io
import os
import random
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from grader import submission
from grader.errors import UsageError
from grader.staging import given_files, stage
from grader.submission import MODULES, Submission, open_submission
from grader.text import printable

GIVEN = frozenset(given_files())
FILES = {f"{name}.py": f"# {name}\n".encode() * 20 for name in MODULES}


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


PACKERS: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {
    "folder": lambda root, files: write_folder(root / "packed", files),
    "zip": lambda root, files: write_zip(root / "packed.zip", files),
    "tar.gz": lambda root, files: write_tar(root / "packed.tar.gz", files),
}
packers = pytest.mark.parametrize("pack", PACKERS.values(), ids=list(PACKERS))
Pack = Callable[[Path, dict[str, bytes]], Path]


def opened(path: Path) -> Submission:
    return open_submission(path, GIVEN)


class TestTaken:
    """The five modules, helpers beside them, the weights."""

    @packers
    @pytest.mark.parametrize("prefix", ["", "assignment/", "ann_lee/handin/", "./"])
    def test_modules_wherever_they_lie(self, tmp_path: Path, pack: Pack, prefix: str) -> None:
        taken = opened(pack(tmp_path, {prefix + name: text for name, text in FILES.items()}))
        assert taken.files == FILES
        assert taken.name == "packed"
        assert taken.missing == ()
        assert not taken.has_weights

    @packers
    def test_helpers_and_weights(self, tmp_path: Path, pack: Pack) -> None:
        extra = {"my_layers.py": b"x = 1", "weights.safetensors": b"w"}
        taken = opened(pack(tmp_path, FILES | extra))
        assert taken.files == FILES | extra
        assert taken.has_weights

    @packers
    def test_given_files_are_never_taken_and_no_news(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, FILES | dict.fromkeys(GIVEN, b"forged")))
        assert taken.files == FILES
        assert taken.ignored == ()

    @packers
    def test_other_files_are_left_and_listed(self, tmp_path: Path, pack: Pack) -> None:
        others = {"README.md": b"", "class.py": b"", "two words.py": b""}
        taken = opened(pack(tmp_path, FILES | others))
        assert taken.files == FILES
        assert set(taken.ignored) == set(others)

    @packers
    def test_folder_with_most_modules_wins(self, tmp_path: Path, pack: Pack) -> None:
        files = {"threshold.py": b"old"} | {f"new/{name}": text for name, text in FILES.items()}
        taken = opened(pack(tmp_path, files))
        assert taken.files == FILES
        assert "threshold.py" in taken.ignored

    @packers
    def test_nearest_the_top_wins_a_draw(self, tmp_path: Path, pack: Pack) -> None:
        deep = {f"backup/{name}": b"old" for name in FILES}
        assert opened(pack(tmp_path, deep | FILES)).files == FILES

    @packers
    def test_two_submissions_are_one_too_many(self, tmp_path: Path, pack: Pack) -> None:
        """Which is meant is not for the grader to guess."""
        files = {f"{folder}/{name}": text for folder in "ab" for name, text in FILES.items()}
        with pytest.raises(UsageError, match="several submissions, a and b"):
            opened(pack(tmp_path, files))

    @packers
    def test_missing_modules_are_named(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, {"threshold.py": b""}))
        assert taken.missing == ("autoencoder", "classifier", "contrastive", "evaluation")

    @packers
    @pytest.mark.parametrize("hidden", [".git/x.py", "__pycache__/threshold.py", ".hidden.py"])
    def test_hidden_and_cached_files(self, tmp_path: Path, pack: Pack, hidden: str) -> None:
        assert opened(pack(tmp_path, FILES | {hidden: b"x"})).files == FILES

    @packers
    def test_nothing_to_grade(self, tmp_path: Path, pack: Pack) -> None:
        with pytest.raises(UsageError, match="none of the five modules"):
            opened(pack(tmp_path, {"README.md": b"hello"}))


class TestHash:
    """The hash stands for the contents."""

    def test_packing_does_not_matter(self, tmp_path: Path) -> None:
        files = FILES | {"helper.py": b"a", "weights.safetensors": bytes(1000)}
        hashes = {opened(pack(tmp_path, files)).sha256 for pack in PACKERS.values()}
        reordered = dict(reversed(files.items()))
        hashes.add(opened(write_zip(tmp_path / "again.zip", reordered)).sha256)
        assert len(hashes) == 1

    @given(
        st.dictionaries(st.text(max_size=3), st.binary(max_size=3), max_size=4),
        st.dictionaries(st.text(max_size=3), st.binary(max_size=3), max_size=4),
    )
    def test_contents_and_names_do(self, one: dict[str, bytes], two: dict[str, bytes]) -> None:
        same = Submission("a", one, ()).sha256 == Submission("b", two, ("x",)).sha256
        assert same == (one == two)

    def test_borders_between_files_matter(self) -> None:
        assert Submission("a", {"a": b"bc"}, ()).sha256 != Submission("a", {"ab": b"c"}, ()).sha256


class TestHostile:
    """Nothing is written or read but what was asked for."""

    NAMES = ("../threshold.py", "a/../../threshold.py", "/etc/threshold.py", "C:\\threshold.py",
             "..\\threshold.py", "\\threshold.py", "C:threshold.py")  # fmt: skip

    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("pack", [PACKERS["zip"], PACKERS["tar.gz"]], ids=["zip", "tar.gz"])
    def test_paths_that_point_elsewhere(self, tmp_path: Path, pack: Pack, name: str) -> None:
        taken = opened(pack(tmp_path, FILES | {name: b"evil"}))
        assert taken.files == FILES

    def test_backslashes_are_folders(self, tmp_path: Path) -> None:
        files = {f"work\\{name}": text for name, text in FILES.items()}
        assert opened(write_tar(tmp_path / "w.tar.gz", files)).files == FILES

    @pytest.mark.skipif(os.name == "nt", reason="links need rights there")
    def test_links_in_a_folder_are_not_followed(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.py"
        secret.write_text("secret", encoding="utf-8")
        folder = write_folder(tmp_path / "s", {"threshold.py": b"x"})
        (folder / "contrastive.py").symlink_to(secret)
        (folder / "linked").symlink_to(tmp_path)
        (folder / "weights.safetensors").symlink_to("/dev/zero")
        os.mkfifo(folder / "evaluation.py")
        taken = opened(folder)
        assert taken.files == {"threshold.py": b"x"}
        assert set(taken.ignored) >= {"contrastive.py", "evaluation.py", "weights.safetensors"}

    @pytest.mark.parametrize(
        "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
    )
    def test_links_and_devices_in_a_tar(self, tmp_path: Path, kind: bytes) -> None:
        path = tmp_path / "s.tar"
        with tarfile.open(path, "w") as archive:
            for name, type_ in (("threshold.py", tarfile.REGTYPE), ("contrastive.py", kind)):
                info = tarfile.TarInfo(name)
                info.type, info.linkname = type_, "/etc/passwd"
                archive.addfile(info)
        taken = opened(path)
        assert set(taken.files) == {"threshold.py"}
        assert taken.ignored == ("contrastive.py",)

    def test_link_in_a_zip(self, tmp_path: Path) -> None:
        path = tmp_path / "s.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("threshold.py", "x")
            link = zipfile.ZipInfo("contrastive.py")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
        assert set(opened(path).files) == {"threshold.py"}

    def test_name_that_no_encoding_has(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "s", FILES)
        try:
            Path(os.fsdecode(os.fsencode(folder) + b"/\xff.py")).write_bytes(b"x")
        except OSError:
            pytest.skip("this file system takes only UTF-8")
        taken = opened(folder)
        assert taken.files == FILES
        for name in taken.ignored:
            name.encode()  # it goes into notes, which go into JSON

    @pytest.mark.parametrize("name", ["x.rar", "x.7z", "x.ipynb.txt", "x"])
    def test_file_that_is_no_archive(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(UsageError, match="a folder or an archive"):
            opened(tmp_path / name)

    def test_missing_path(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such file or folder"):
            opened(tmp_path / "nowhere")


class TestBroken:
    """An archive that cannot be read is a usage error, whatever is wrong with it."""

    def test_encrypted_zip(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "s.zip", FILES)
        data = bytearray(path.read_bytes())
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = data.find(signature)
            while place >= 0:
                data[place + offset] |= 1
                place = data.find(signature, place + 1)
        path.write_bytes(data)
        with pytest.raises(UsageError, match="encrypted"):
            opened(path)

    @pytest.mark.parametrize("pack", [PACKERS["zip"], PACKERS["tar.gz"]], ids=["zip", "tar.gz"])
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
    def test_truncated(self, tmp_path: Path, pack: Pack, share: float) -> None:
        noise = {f"h{n}.py": random.Random(n).randbytes(500) for n in range(9)}
        path = pack(tmp_path, FILES | noise)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(UsageError, match="packed"):
            opened(path)

    @pytest.mark.parametrize("pack", [PACKERS["zip"], PACKERS["tar.gz"]], ids=["zip", "tar.gz"])
    @given(damage=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
    def test_damaged_anywhere(
        self, tmp_path: Path, pack: Pack, damage: list[tuple[float, int]]
    ) -> None:
        path = pack(tmp_path, FILES)
        data = bytearray(path.read_bytes())
        for place, value in damage:
            data[int(place * len(data))] = value
        path.write_bytes(data)
        with contextlib.suppress(UsageError):
            assert opened(path).files

    @pytest.mark.parametrize("pack", [PACKERS["zip"], PACKERS["tar.gz"]], ids=["zip", "tar.gz"])
    def test_damaged_contents(self, tmp_path: Path, pack: Pack) -> None:
        """One byte in the middle of what is compressed, many times over."""
        rng = random.Random(0)
        path = pack(tmp_path, FILES | {f"h{n}.py": rng.randbytes(900) for n in range(3)})
        whole = path.read_bytes()
        for _ in range(800):
            data = bytearray(whole)
            data[rng.randrange(len(data))] = rng.randrange(256)
            path.write_bytes(data)
            with contextlib.suppress(UsageError):
                opened(path)

    @pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz"])
    @given(noise=st.binary(max_size=2000))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    def test_any_bytes(self, tmp_path: Path, suffix: str, noise: bytes) -> None:
        path = tmp_path / f"s{suffix}"
        path.write_bytes(noise)
        with pytest.raises(UsageError):
            opened(path)


class TestBombs:
    """Sizes are counted, never believed."""

    @pytest.fixture(autouse=True)
    def _small_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(submission, "MAX_FILE", 10_000)
        monkeypatch.setattr(submission, "MAX_TOTAL", 25_000)
        monkeypatch.setattr(submission, "MAX_ENTRIES", 20)

    @packers
    def test_one_large_file(self, tmp_path: Path, pack: Pack) -> None:
        with pytest.raises(UsageError, match=r"big\.py is too large"):
            opened(pack(tmp_path, FILES | {"big.py": bytes(10_001)}))

    @packers
    def test_many_that_add_up(self, tmp_path: Path, pack: Pack) -> None:
        many = {f"part{n}.py": bytes(9_000) for n in range(3)}
        with pytest.raises(UsageError, match="too large"):
            opened(pack(tmp_path, FILES | many))

    @packers
    def test_too_many_entries(self, tmp_path: Path, pack: Pack) -> None:
        with pytest.raises(UsageError, match="more than 20 files"):
            opened(pack(tmp_path, FILES | {f"n{n}.txt": b"" for n in range(20)}))

    @packers
    def test_large_file_that_is_not_wanted_does_no_harm(self, tmp_path: Path, pack: Pack) -> None:
        assert opened(pack(tmp_path, FILES | {"data.bin": bytes(50_000)})).files == FILES

    def test_zip_that_lies_about_its_size(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "s.zip", FILES | {"big.py": bytes(1_000_000)})
        data = bytearray(path.read_bytes())
        for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            name_at = data.find(b"big.py", data.find(signature))
            if signature == b"PK\x01\x02":
                name_at = data.rfind(b"big.py")
            start = data.rfind(signature, 0, name_at)
            data[start + offset : start + offset + 4] = struct.pack("<I", 5)
        path.write_bytes(data)
        with pytest.raises(UsageError):
            opened(path)

    def test_duplicate_names_are_counted_once_and_the_last_wins(self, tmp_path: Path) -> None:
        path = tmp_path / "s.tar"
        with tarfile.open(path, "w") as archive:
            for content in (b"first", b"second"):
                info = tarfile.TarInfo("threshold.py")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        assert opened(path).files == {"threshold.py": b"second"}


class TestStaging:
    """What lies in the box."""

    def test_given_files_win(self, tmp_path: Path) -> None:
        forged = Submission("s", {"model.py": b"forged", "threshold.py": b"mine"}, ())
        box = stage(forged, {"model.py": b"pristine"}, tmp_path)
        package = box.root / "assignment"
        assert (package / "model.py").read_bytes() == b"pristine"
        assert (package / "threshold.py").read_bytes() == b"mine"

    def test_box_holds_worker_and_package_and_an_empty_scratch(self, tmp_path: Path) -> None:
        box = stage(Submission("s", FILES, ()), given_files(), tmp_path)
        assert {path.name for path in box.root.iterdir()} == {"__main__.py", "worker", "assignment"}
        assert not list(box.scratch.iterdir())
        names = {path.name for path in (box.root / "assignment").iterdir()}
        assert names == set(FILES) | GIVEN

    def test_given_files_are_all_but_the_five(self) -> None:
        assert not {f"{name}.py" for name in MODULES} & GIVEN
        assert {"model.py", "fit.py", "__init__.py"} <= GIVEN


class TestWeights:
    """What the weights' header says of the data; the header is a student's text."""

    @staticmethod
    def with_weights(content: bytes) -> Submission:
        return Submission("s", {**FILES, "weights.safetensors": content}, ())

    @pytest.mark.parametrize("data", ["digits", "mnist"])
    def test_profile_is_read_from_what_the_library_writes(self, data: str) -> None:
        content = save({"w": np.ones((2, 3), np.float32)}, {"data": data})
        assert self.with_weights(content).weights_data == data

    def test_none_without_weights_or_word(self) -> None:
        assert Submission("s", FILES, ()).weights_data == ""
        assert self.with_weights(save({"w": np.ones(1)})).weights_data == ""

    @given(st.binary(max_size=60))
    def test_garbage_says_nothing(self, content: bytes) -> None:
        assert self.with_weights(content).weights_data == ""

    @pytest.mark.parametrize(
        "header", [b'{"__metadata__": {"data": ["digits"]}}', b"[" * 40_000, b'"\xff"', b"3"]
    )
    def test_hostile_header_says_nothing(self, header: bytes) -> None:
        content = len(header).to_bytes(8, "little") + header
        assert self.with_weights(content).weights_data == ""


class TestPrintable:
    """Text of a student's, before it reaches a terminal or a file."""

    @given(st.text(st.characters()))
    def test_can_be_written_and_is_not_obeyed(self, text: str) -> None:
        shown = printable(text)
        shown.encode()
        assert not any(unicodedata.category(c) == "Cc" for c in shown if c not in "\n\t")

    @pytest.mark.parametrize("text", ["mean + z times å", "naïve\n\tindented", "完"])
    def test_ordinary_text_stays(self, text: str) -> None:
        assert printable(text) == text

    def test_escape_sequence_is_shown(self) -> None:
        assert printable("\x1b[2J\ud800") == "\\x1b[2J\\ud800"
