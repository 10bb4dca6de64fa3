"""What students receive, what they do not, and that it is the same every time."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from grader.reference import load_reference
from solutions.errors import UserError
from solutions.release.contents import dangling_links, missing_modules
from solutions.release.order import Order, Verify
from solutions.release.release import PACKAGES, release
from solutions.release.verify import readme_commands

from .conftest import Release, git, tree

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture(scope="module")
def released(original: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("released") / "out"
    release(Order(folder, verify=Verify.none), lambda note: None, original)
    return tree(folder)


def test_students_receive_what_they_need(released: dict[str, bytes]) -> None:
    wanted = {
        "README.md", "LICENSE", "Makefile", "pyproject.toml", "constraints.txt", ".gitignore",
        "assignment/README.md", "assignment/threshold.py", "assignment/train.py",
        "grader/checks/threshold.py", "grader/checks/accuracy.py", "grader/checks/pytest.ini",
        "grader/rubric.toml", "datasets/digits.py", "datasets/fetch.py",
        ".github/workflows/grade.yml", "tests/test_smoke.py",
        "grader/results/reference-digits.json", "grader/results/reference-mnist.json",
        "assignment/walkthrough.ipynb", "assignment/tour.py", "assignment/__main__.py",
    }  # fmt: skip
    assert wanted <= released.keys()


def test_notebook_is_released_as_it_lies_in_git(released, original: Path) -> None:
    """Without output, that is: of what a maintainer has run and committed, nothing goes along."""
    content = released["assignment/walkthrough.ipynb"]
    assert content == (original / "assignment/walkthrough.ipynb").read_bytes()
    cells = [cell for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    assert b"assignment/walkthrough.ipynb" in released["README.md"]
    assert b'"nbconvert' in released["pyproject.toml"]


def test_students_do_not_receive_what_is_ours(released: dict[str, bytes]) -> None:
    tops = {path.split("/")[0] for path in released}
    assert not tops & {"solutions", ".ci", ".git", "SECURITY.md", "CHANGELOG.md"}
    assert [path for path in released if path.startswith("tests/")] == ["tests/test_smoke.py"]
    assert not [path for path in released if path.endswith((".npz", ".safetensors", ".pyc"))]
    assert "datasets/hidden.py" not in released
    everything = b"\n".join(released.values())
    assert b"HIDDEN_FONTS" not in everything
    assert b"DejaVuSerif-Italic" not in everything
    assert b"BEGIN SOLUTION" not in everything


def test_stubs_are_made_from_the_reference(make: Release, checkout: Path, tmp_path: Path) -> None:
    (checkout / "assignment/threshold.py").write_text("filled = 'in by a maintainer'\n", "utf-8")
    make(tmp_path / "out")
    text = (tmp_path / "out/assignment/threshold.py").read_text("utf-8")
    assert "filled" not in text
    assert text.count("raise NotImplementedError") == 3


def test_metrics_of_the_reference_stand_beside_a_students(released, tmp_path: Path) -> None:
    for data in ("digits", "mnist"):
        name = f"reference-{data}.json"
        (tmp_path / name).write_bytes(released[f"grader/results/{name}"])
        assert load_reference(data, tmp_path) == load_reference(data) is not None


def test_pages_of_the_release_hold_no_dangling_link(released) -> None:
    assert dangling_links(released) == []
    assert missing_modules(released, PACKAGES) == []


def test_dangling_links_and_modules_are_found() -> None:
    files = {
        "README.md": b"[a](docs/a.md#x) [b](https://a.org) [c](#here)\n[d](gone.md) [e](docs/)",
        "docs/a.md": b"[up](../README.md) [out](../../x.md)",
        "grader/__init__.py": b"",
        "grader/a.py": b"import os\nfrom .b import c\nfrom solutions.stubs import x\n",
        "grader/c/d.py": b"from ..a import e\nfrom ..f import g\n",
    }
    assert dangling_links(files) == ["README.md:2: gone.md", "docs/a.md:1: ../../x.md"]
    assert missing_modules(files, PACKAGES) == [
        "grader/a.py:2: grader.b", "grader/a.py:3: solutions.stubs", "grader/c/d.py:2: grader.f",
    ]  # fmt: skip


def test_project_file_says_what_the_projects_does(released, original: Path) -> None:
    theirs = tomllib.loads(released["pyproject.toml"].decode())
    ours = tomllib.loads((original / "pyproject.toml").read_text("utf-8"))
    for key in ("version", "requires-python", "dependencies", "license"):
        assert theirs["project"][key] == ours["project"][key]
    assert released["constraints.txt"] == (original / "constraints.txt").read_bytes()


def test_targets_of_the_readme_are_in_the_makefile(released) -> None:
    makefile = released["Makefile"].decode()
    for command in readme_commands(released):
        make, target = command.split()
        assert make == "make"
        assert f"\n{target}: " in makefile
    assert "solutions" not in makefile


class TestSameBytes:
    """Two releases of the same work are one, wherever and by whomever they are made."""

    def test_elsewhere_with_another_umask_and_junk(
        self, make: Release, checkout: Path, tmp_path: Path
    ) -> None:
        make(tmp_path / "a", tmp_path / "a.zip")
        for name in (
            "grader/__pycache__/x.cpython-311.pyc", ".hypothesis/y", "runs/z.png",
            "assignment/weights.safetensors", "assignment/runs/w.png", "grader/my_notes.py",
        ):  # fmt: skip
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_bytes(b"\x00junk of a working day")
        (checkout / "grader/cli.py").chmod(0o777)
        before = os.umask(0o077)
        try:
            notes = make(tmp_path / "b", tmp_path / "b.zip")
        finally:
            os.umask(before)
        assert tree(tmp_path / "a") == tree(tmp_path / "b")
        assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
        for path in (tmp_path / "b", *(tmp_path / "b").rglob("*")):
            wanted = 0o755 if path.is_dir() else 0o644
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path
        assert "left out, git does not track it: grader/my_notes.py" in notes

    def test_lines_ended_as_on_windows(self, make: Release, checkout: Path, tmp_path: Path) -> None:
        make(tmp_path / "a")
        for path in (checkout / "grader").rglob("*.py"):
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        make(tmp_path / "b")
        assert tree(tmp_path / "a") == tree(tmp_path / "b")

    def test_zip_holds_the_same_files(self, make: Release, tmp_path: Path) -> None:
        make(tmp_path / "a", tmp_path / "a.zip")
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            names = archive.namelist()
            found = {name.partition("/")[2]: archive.read(name) for name in names}
            assert names == sorted(names)
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}
        assert found == tree(tmp_path / "a")


class TestTarget:
    """A folder is replaced as a whole or not at all, and nobody's work is lost."""

    def test_earlier_release_is_replaced_as_a_whole(
        self, make: Release, checkout: Path, tmp_path: Path
    ) -> None:
        make(tmp_path / "out")
        (checkout / "datasets/noise.py").rename(checkout / "datasets/static.py")
        for path in (checkout / "datasets").glob("*.py"):
            path.write_text(
                path.read_text("utf-8").replace("datasets.noise", "datasets.static"), "utf-8"
            )
        git(checkout, "add", "-A")
        make(tmp_path / "out")
        assert not (tmp_path / "out/datasets/noise.py").exists()
        assert (tmp_path / "out/datasets/static.py").exists()
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_repository_made_of_a_release_stays_one(self, make: Release, tmp_path: Path) -> None:
        make(tmp_path / "out")
        git(tmp_path / "out", "init", "-q")
        git(tmp_path / "out", "add", "-A")
        git(tmp_path / "out", "commit", "-qm", "released")
        (tmp_path / "out/grader/__pycache__").mkdir()
        (tmp_path / "out/grader/__pycache__/x.pyc").write_bytes(b"x")
        make(tmp_path / "out")
        git(tmp_path / "out", "diff", "--exit-code", "HEAD")

    @pytest.mark.parametrize("change", ["weights", "filled in", "removed"])
    def test_work_in_an_earlier_release_is_not_lost(
        self, make: Release, tmp_path: Path, change: str
    ) -> None:
        make(tmp_path / "out")
        package = tmp_path / "out/assignment"
        if change == "weights":
            (package / "weights.safetensors").write_bytes(b"x")
        elif change == "filled in":
            (package / "threshold.py").write_text("done = True\n", "utf-8")
        else:
            (tmp_path / "out/.release.json").unlink()
        before = tree(tmp_path / "out")
        with pytest.raises(UserError, match=r"changed since|something else than an earlier"):
            make(tmp_path / "out")
        assert tree(tmp_path / "out") == before

    def test_empty_folder_is_taken_and_any_other_refused(
        self, make: Release, tmp_path: Path
    ) -> None:
        (tmp_path / "empty").mkdir()
        make(tmp_path / "empty")
        (tmp_path / "full").mkdir()
        (tmp_path / "full/letter.txt").write_text("dear", "utf-8")
        with pytest.raises(UserError, match="full: holds something else than an earlier release"):
            make(tmp_path / "full")
        assert tree(tmp_path / "full") == {"letter.txt": b"dear"}

    def test_zip_that_is_no_release_is_not_replaced(self, make: Release, tmp_path: Path) -> None:
        place = tmp_path / "photos.zip"
        place.write_bytes(b"photos")
        with pytest.raises(UserError, match="no earlier release"):
            make(None, place)
        assert place.read_bytes() == b"photos"

    def test_release_that_fails_midway_leaves_the_earlier_one(
        self, make: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(tmp_path / "out")
        before = tree(tmp_path)
        really_write = Path.write_bytes

        def write(path: Path, content: bytes) -> int:
            if path.name == "rubric.toml":
                raise OSError(28, "No space left on device")
            return really_write(path, content)

        monkeypatch.setattr(Path, "write_bytes", write)
        with pytest.raises(UserError, match="No space left on device"):
            make(tmp_path / "out", tmp_path / "out.zip")
        assert tree(tmp_path) == before

    def test_interrupted_replacement_is_told(self, make: Release, tmp_path: Path) -> None:
        make(tmp_path / "out")
        shutil.move(tmp_path / "out", tmp_path / ".out.123.old")
        with pytest.raises(UserError, match="move it back"):
            make(tmp_path / "out")

    def test_what_a_killed_release_left_is_removed(self, make: Release, tmp_path: Path) -> None:
        (tmp_path / ".out.4194400.part/grader").mkdir(parents=True)  # no such process
        (tmp_path / f".out.{os.getppid()}.part").mkdir()  # another's that runs
        make(tmp_path / "out")
        left = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
        assert left == [f".out.{os.getppid()}.part"]

    def test_no_place_at_all(self, make: Release) -> None:
        with pytest.raises(UserError, match="say where to"):
            make()

    def test_folder_above_is_missing(self, make: Release, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="no such folder; make it first"):
            make(tmp_path / "no/where")


def test_folder_without_git_is_told_so(make: Release, checkout: Path, tmp_path: Path) -> None:
    shutil.rmtree(checkout / ".git")
    with pytest.raises(UserError, match="a release is made of what git tracks"):
        make(tmp_path / "out")


def test_tracked_file_that_is_gone_is_named(make: Release, checkout: Path, tmp_path: Path) -> None:
    (checkout / "datasets/noise.py").unlink()
    with pytest.raises(UserError, match=r"datasets/noise\.py: is tracked, but"):
        make(tmp_path / "out")
    assert not (tmp_path / "out").exists()
