"""The key is another exactly when something that a mark depends on is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError, UsageError
from grader.gradebook import key
from grader.gradebook.key import PACKAGES, ROOT, data_sha256, grader_sha256, hash_grader
from grader.grading import PINNED
from grader.staging import given_files

VERSIONS = {"torch": "2.13.0+cpu", "numpy": "2.4.6"}
MARKING = [path.relative_to(ROOT).as_posix() for path in key.marking_files()]
OTHERS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("grader", "datasets", "assignment", "solutions/reference")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix in (".py", ".toml", ".ini", ".md", ".ipynb")
    and path.relative_to(ROOT).as_posix() not in MARKING
]  # fmt: skip


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of this checkout somewhere else, to be changed."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("grader", "datasets", "assignment"):
        ignored = shutil.ignore_patterns("__pycache__", "cache")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    shutil.copytree(ROOT / "solutions/reference", root / "solutions/reference")
    return root


@pytest.fixture
def restored(checkout: Path) -> Iterator[Path]:
    """The same, put right again after the test."""
    kept: dict[str, bytes] = {name: (checkout / name).read_bytes() for name in [*MARKING, *OTHERS]}
    yield checkout
    for name, content in kept.items():
        (checkout / name).write_bytes(content)


def test_it_is_the_same_in_every_checkout_and_process(checkout: Path):
    assert hash_grader(checkout, VERSIONS) == hash_grader(ROOT, VERSIONS)
    code = "from grader.gradebook.key import grader_sha256; print(grader_sha256())"
    command = [sys.executable, "-c", code]
    other = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert other.stdout.strip() == grader_sha256()
    assert re.fullmatch("[0-9a-f]{64}", grader_sha256())


def test_line_ends_times_and_local_versions_do_not_count(restored: Path):
    before = hash_grader(restored, VERSIONS)
    for name in MARKING:
        path = restored / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert hash_grader(restored, VERSIONS | {"torch": "2.13.0+cu130"}) == before


def test_each_file_of_them_counts(restored: Path):
    seen = {hash_grader(restored, VERSIONS)}
    for name in MARKING:
        path = restored / name
        content = path.read_bytes()
        path.write_bytes(content + b"# \n")
        seen.add(hash_grader(restored, VERSIONS))
        path.write_bytes(content)
    assert len(seen) == 1 + len(MARKING)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data())
def test_any_byte_of_them_counts(restored: Path, data: st.DataObject):
    """A changed byte is a changed key, or a grader that does not parse and is said to be broken."""
    path = restored / data.draw(st.sampled_from(MARKING))
    content = bytearray(path.read_bytes())
    before = hash_grader(restored, VERSIONS)
    place = data.draw(st.integers(0, max(0, len(content) - 1)))
    if content:
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        content = bytearray(b"#")
    kept = path.read_bytes()
    path.write_bytes(content)
    try:
        assert hash_grader(restored, VERSIONS) != before
    except (SyntaxError, ValueError):
        pass
    finally:
        path.write_bytes(kept)


def test_nothing_else_counts(restored: Path):
    before = hash_grader(restored, VERSIONS)
    for name in OTHERS:
        path = restored / name
        path.write_bytes(path.read_bytes() + b"\n")
    (restored / "grader" / "new_command.py").write_text("import grader.grading\n")
    (restored / "README.md").write_text("new")
    assert hash_grader(restored, VERSIONS) == before


def test_what_counts_and_what_does_not():
    assert "grader/rubric.toml" in MARKING
    for folder in ("grader/checks", "grader/worker"):
        assert {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob("*.py")} <= {
            *MARKING
        }
    assert {f"assignment/{name}" for name in given_files()} <= {*MARKING}
    for part in ("oracles", "student", "plugin", "grading", "metrics", "budget", "sandbox/bwrap"):
        assert f"grader/{part}.py" in MARKING
    assert "datasets/digits.py" in MARKING
    for part in (
        "console",
        "cli",
        "hints",
        "commands/",
        "gradebook/",
        "emit/",
        "report/",
        "batch/",
    ):
        assert not [name for name in MARKING if name.startswith(f"grader/{part}")]
    assert not [name for name in MARKING if name.startswith("solutions/")]
    assert "assignment/threshold.py" not in MARKING  # the student's


def test_what_grading_loads_is_among_it():
    """An import that the search of the source overlooks would be seen here."""
    code = (
        "import sys, grader.grading\n"
        "for name, module in sorted(sys.modules.items()):\n"
        "    if name.split('.')[0] in ('grader', 'datasets', 'assignment', 'solutions'):\n"
        "        print(module.__file__)\n"
    )
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    names = {Path(line).relative_to(ROOT).as_posix() for line in loaded.stdout.splitlines()}
    assert len(names) > 30
    assert names <= {*MARKING}


def test_versions_count():
    before = hash_grader(ROOT, VERSIONS)
    assert hash_grader(ROOT, VERSIONS | {"torch": "2.13.1"}) != before
    assert hash_grader(ROOT, VERSIONS | {"scipy": "1"}) != before


def test_the_packages_are_those_that_a_mark_depends_on():
    pinned = {
        line.partition("==")[0]
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    }
    # Three fetch, watch and time out; what nbformat reads is in the submission's own hash.
    assert {*PACKAGES} == pinned - {"torchvision", "pytest-timeout", "psutil", "nbformat"}
    assert {*PINNED} <= {*PACKAGES}


def test_a_missing_package_is_the_graders_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(key, "PACKAGES", ("no-such-package",))
    with pytest.raises(GraderError, match="no-such-package"):
        grader_sha256()


def test_a_broken_file_is_the_graders_fault(restored: Path, monkeypatch: pytest.MonkeyPatch):
    (restored / "grader" / "metrics.py").write_text("def broken(:\n")
    monkeypatch.setattr(key, "ROOT", restored)
    with pytest.raises(GraderError, match="cannot be read"):
        grader_sha256()


def test_data_are_told_apart(tmp_path: Path):
    bundle = tmp_path / "hidden.npz"
    bundle.write_bytes(b"one")
    same = tmp_path / "copy.npz"
    same.write_bytes(b"one")
    other = tmp_path / "other.npz"
    other.write_bytes(b"two")
    assert data_sha256("digits", bundle) == data_sha256("digits", same)
    keys = [
        data_sha256("digits", None), data_sha256("digits", bundle), data_sha256("digits", other),
        data_sha256("mnist", bundle),
    ]  # fmt: skip
    assert len({*keys}) == len(keys)
    with pytest.raises(UsageError, match="cannot be read"):
        data_sha256("digits", tmp_path / "none.npz")


def test_an_instructors_own_unknowns_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def save(value: int) -> str:
        images = np.full((3, 28, 28), value, np.uint8)
        np.savez(tmp_path / "runes.npz", images=images, labels=np.full(3, 10))
        return data_sha256("mnist", None)

    monkeypatch.setenv("OSR_DATA", str(tmp_path))
    without = data_sha256("mnist", None)
    assert len({without, save(1), save(2)}) == 3
    assert save(1) == save(1)
