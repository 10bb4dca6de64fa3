"""Archives of every format: what is no archive, what is damaged, what is too much."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.intake import limits
from tests.grader.packing import FILES, Pack, archivers, opened, packers, refusal

DAMAGED = "it cannot be read: damaged, or no such archive; pack it again"


@pytest.mark.parametrize("name", ["x.rar", "x.7z", "x.ipynb.txt", "x"])
def test_file_that_is_no_archive(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    line = refusal(tmp_path / name)
    assert line == (
        "a submission is a folder, an archive (.zip, .tar.gz, .tgz, .tar) or a notebook (.ipynb)"
    )


def test_missing_path(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") == "there is no such file or folder"


class TestBroken:
    """An archive that cannot be read is a usage error, whatever is wrong with it."""

    @archivers
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
    def test_truncated(self, tmp_path: Path, pack: Pack, share: float) -> None:
        noise = {f"h{n}.py": random.Random(n).randbytes(500) for n in range(9)}
        path = pack(tmp_path, FILES | noise)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        assert refusal(path) == DAMAGED

    @archivers
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

    @archivers
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


class TestTooMuch:
    """Sizes are counted, never believed."""

    @pytest.fixture(autouse=True)
    def _small_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_FILE", 10_000)
        monkeypatch.setattr(limits, "MAX_TOTAL", 25_000)
        monkeypatch.setattr(limits, "MAX_ENTRIES", 20)
        monkeypatch.setattr(limits, "MAX_UNPACKED", 100_000)

    @packers
    def test_one_large_file(self, tmp_path: Path, pack: Pack) -> None:
        line = refusal(pack(tmp_path, FILES | {"big.py": bytes(10_001)}))
        assert line == "big.py is too large (limits: 0 MB a file, 0 MB in all)"

    @packers
    def test_many_that_add_up(self, tmp_path: Path, pack: Pack) -> None:
        many = {f"part{n}.py": bytes(9_000) for n in range(3)}
        assert "part2.py is too large" in refusal(pack(tmp_path, FILES | many))

    @packers
    def test_too_many_entries(self, tmp_path: Path, pack: Pack) -> None:
        line = refusal(pack(tmp_path, FILES | {f"n{n}.txt": b"" for n in range(20)}))
        assert line == "more than 20 files; hand in the assignment alone"

    @packers
    def test_large_file_that_is_not_wanted_does_no_harm(self, tmp_path: Path, pack: Pack) -> None:
        assert opened(pack(tmp_path, FILES | {"data.bin": bytes(50_000)})).files == FILES

    @archivers
    def test_what_is_not_taken_is_counted_where_it_is_unpacked(
        self, tmp_path: Path, pack: Pack
    ) -> None:
        files = FILES | {f"data{n}.bin": bytes(50_000) for n in range(2)}
        line = refusal(pack(tmp_path, files))
        assert line == "it unpacks to more than 0 MB; hand in the assignment alone"

    @archivers
    def test_one_name_twice(self, tmp_path: Path, pack: Pack) -> None:
        """Which is meant is not for the grader to guess."""
        path = pack(tmp_path, {"threshold.py": b"first", "./threshold.py": b"second"})
        assert refusal(path) == "threshold.py is in it twice; pack it again"

    def test_archive_too_large_to_begin_with(self, tmp_path: Path) -> None:
        (tmp_path / "s.tar").write_bytes(bytes(100_001))
        assert refusal(tmp_path / "s.tar") == "larger than 0 MB; hand in the assignment alone"


@archivers
def test_bomb_by_its_ratio(tmp_path: Path, pack: Pack) -> None:
    """A hundred times its own size is what a submission may unpack to, not a thousand."""
    line = refusal(pack(tmp_path, FILES | {"zeros.bin": bytes(20 << 20)}))
    assert line == "it unpacks to more than 16 MB; hand in the assignment alone"


LEFT_BEHIND = {
    ".git/HEAD": b"ref: refs/heads/main\n",
    ".git/hooks/threshold.py": b"# a hook\n",
    **{f".git/objects/{n % 256:02x}/{n:038x}": b"x" for n in range(2500)},
    "__pycache__/threshold.cpython-311.pyc": b"\x00",
    "__pycache__/classifier.py": b"# no cache\n",
    ".DS_Store": b"Bud1",
    "._threshold.py": b"resource fork",
    "__MACOSX/assignment/._threshold.py": b"resource fork",
    ".ipynb_checkpoints/threshold-checkpoint.py": b"# old\n",
    ".ipynb_checkpoints/work-checkpoint.ipynb": b"{",
    ".venv/lib/autoencoder.py": b"# somebody's\n",
}


@packers
@pytest.mark.parametrize("inside", ["", "work/assignment/"])
def test_what_git_and_systems_leave_behind_neither_alarms_nor_counts(
    tmp_path: Path, pack: Pack, inside: str
) -> None:
    files = {f"{inside}{name}": content for name, content in (FILES | LEFT_BEHIND).items()}
    taken = opened(pack(tmp_path, files))
    assert taken.files == FILES
    assert (taken.ignored, taken.advice, taken.reasons) == ((), (), {})


@packers
def test_what_is_left_behind_alone_is_no_work(tmp_path: Path, pack: Pack) -> None:
    assert refusal(pack(tmp_path, LEFT_BEHIND)).endswith("is in it, nor a notebook")


@archivers
def test_left_behind_entries_are_bounded_too(
    tmp_path: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_HIDDEN", 100)
    assert refusal(pack(tmp_path, FILES | LEFT_BEHIND)).startswith("more than 2000 files")
