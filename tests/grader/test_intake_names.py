"""Names: what is taken under which, and the line that says what to rename."""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.file_notes import ADVICE, file_notes, is_file_note
from grader.submission import Submission
from tests.grader.packing import (
    FILES,
    GIVEN,
    Pack,
    archivers,
    opened,
    packers,
    refusal,
    write_folder,
    write_tar,
    write_zip,
)


def notes(submission: Submission) -> list[str]:
    """The notes of a record on a submission's files, advice without what it begins with."""
    found = file_notes(submission)
    assert all(note.isprintable() and is_file_note(note) for note in found)
    return [note.removeprefix(ADVICE) for note in found]


class TestGivenNames:
    """The given files are the grader's own, whatever a submission holds under their names."""

    @packers
    def test_another_file_of_a_given_name_is_said(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, FILES | {"images.py": b"def normalise(): ..."}))
        assert taken.files == FILES
        (said,) = notes(taken)
        assert "images.py (the given one is used in its place; a helper of yours" in said

    @packers
    @pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["unix", "windows"])
    def test_the_given_one_is_no_matter(self, tmp_path: Path, pack: Pack, ends: bytes) -> None:
        given = {name: text.replace(b"\n", ends) for name, text in GIVEN.items()}
        assert notes(opened(pack(tmp_path, FILES | given))) == []


class TestCase:
    """Upper and lower case are told apart, as Python does, on every system."""

    @packers
    @pytest.mark.parametrize(
        ("wrong", "right"),
        [
            ("Autoencoder.py", "autoencoder.py"),
            ("AUTOENCODER.PY", "autoencoder.py"),
            ("WEIGHTS.safetensors", "weights.safetensors"),
        ],
    )
    def test_wrong_case_is_said(self, tmp_path: Path, pack: Pack, wrong: str, right: str) -> None:
        files = {name: text for name, text in FILES.items() if name != right}
        taken = opened(pack(tmp_path, files | {wrong: b"x"}))
        assert taken.files == files
        assert notes(taken)[-1] == f"{wrong} is not {right}: rename it"

    @packers
    def test_nothing_but_wrong_case(self, tmp_path: Path, pack: Pack) -> None:
        line = refusal(pack(tmp_path, {"Threshold.py": b"", "Evaluation.py": b""}))
        assert line.startswith("none of the five modules")
        assert line.endswith("Evaluation.py is not evaluation.py: rename it")

    @archivers
    def test_both_cases_of_a_module(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, FILES | {"Threshold.py": b"x"}))
        assert taken.files == FILES
        assert notes(taken) == ["not taken from the submission: Threshold.py"]

    @archivers
    def test_other_case_of_a_given_file(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, FILES | {"Model.py": b"x", "model.py": GIVEN["model.py"]}))
        assert taken.files == FILES
        assert notes(taken) == ["not taken from the submission: Model.py"]

    @archivers
    def test_helpers_that_are_one_on_some_systems(self, tmp_path: Path, pack: Pack) -> None:
        line = refusal(pack(tmp_path, FILES | {"helper.py": b"1", "Helper.py": b"2"}))
        assert line == "Helper.py and helper.py differ only in case; rename one"


class TestNamesOfOthers:
    """Modules named like Python's, like PyTorch's, or like files that tools obey."""

    @packers
    @pytest.mark.parametrize(
        "name",
        ["random.py", "torch.py", "numpy.py", "conftest.py", "sitecustomize.py", "grader.py"],
    )
    def test_not_taken_and_said(self, tmp_path: Path, pack: Pack, name: str) -> None:
        taken = opened(pack(tmp_path, FILES | {name: b"raise SystemExit"}))
        assert taken.files == FILES
        assert notes(taken) == [
            f"{name} is not taken, it has the name of a standard module or of a tool: rename it"
        ]

    @packers
    @pytest.mark.parametrize("name", ["threshold.pyc", "evil.pth", "torch.so", "weights.pt"])
    def test_code_in_other_forms(self, tmp_path: Path, pack: Pack, name: str) -> None:
        taken = opened(pack(tmp_path, FILES | {name: b"x"}))
        assert taken.files == FILES
        assert notes(taken) == [f"not taken from the submission: {name}"]

    @packers
    @pytest.mark.parametrize("name", ["__pycache__/threshold.cpython-311.pyc", "pytest.ini"])
    def test_what_is_no_news(self, tmp_path: Path, pack: Pack, name: str) -> None:
        taken = opened(pack(tmp_path, FILES | {name: b"x"}))
        assert taken.files == FILES
        assert notes(taken) == []

    def test_many_are_counted(self, tmp_path: Path) -> None:
        odd = ["ast", "csv", "dis", "io", "json", "re", "sys"]
        taken = opened(write_zip(tmp_path / "s.zip", FILES | {f"{name}.py": b"" for name in odd}))
        (note,) = notes(taken)
        assert note.count("rename it") == 5
        assert note.endswith("; and 2 more")


class TestOddNames:
    """What an archive calls its members is no path, no line and no command to a terminal."""

    ELSEWHERE = ("../threshold.py", "a/../../threshold.py", "/etc/threshold.py", "C:\\threshold.py",
                 "..\\threshold.py", "\\threshold.py", "C:threshold.py")  # fmt: skip

    @pytest.mark.parametrize("name", ELSEWHERE)
    @archivers
    def test_paths_that_point_elsewhere(self, tmp_path: Path, pack: Pack, name: str) -> None:
        taken = opened(pack(tmp_path, FILES | {name: b"evil"}))
        assert taken.files == FILES
        reason = "its path leads outside the archive: pack the folder itself"
        assert notes(taken) == [f"not taken from the submission: {name} ({reason})"]

    @archivers
    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("a\nb.py", "a\\nb.py"),
            ("\x1b[2Jx.py", "\\x1b[2Jx.py"),
            ("x\u202eyp.py", "x\\u202eyp.py"),
            ("x\u2028y.py", "x\\ny.py"),
            ("two words.py", "two words.py"),
            ("class.py", "class.py"),
            ("\uff54wo.py", "\uff54wo.py"),
            ("x" * 300 + ".py", "x" * 99 + "…" + "x" * 96 + ".py"),
        ],
    )
    def test_shown_in_one_line(self, tmp_path: Path, pack: Pack, name: str, shown: str) -> None:
        taken = opened(pack(tmp_path, FILES | {name: b"x"}))
        assert taken.files == FILES
        assert notes(taken) == [f"not taken from the submission: {shown}"]

    def test_name_that_goes_on_after_a_nul_in_a_zip(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "s.zip", FILES | {"helper.py_.txt": b"x"})
        path.write_bytes(path.read_bytes().replace(b"helper.py_.txt", b"helper.py\0.txt"))
        taken = opened(path)
        assert taken.files == FILES
        assert taken.ignored == ("helper.py\\x00.txt",)

    def test_backslashes_are_folders(self, tmp_path: Path) -> None:
        files = {f"work\\{name}": text for name, text in FILES.items()}
        assert opened(write_tar(tmp_path / "w.tar.gz", files)).files == FILES

    def test_letters_with_accents_have_one_spelling(self, tmp_path: Path) -> None:
        """A Mac packs them in two parts; Python imports them in one."""
        taken = opened(write_zip(tmp_path / "s.zip", FILES | {"gro\u0308sse.py": b"x"}))
        assert "gr\u00f6sse.py" in taken.files

    @archivers
    def test_two_spellings_of_one_name(self, tmp_path: Path, pack: Pack) -> None:
        files = FILES | {"gro\u0308sse.py": b"1", "gr\u00f6sse.py": b"2"}
        assert refusal(pack(tmp_path, files)) == "gr\u00f6sse.py is in it twice; pack it again"

    def test_letter_of_another_alphabet_is_another_name(self, tmp_path: Path) -> None:
        cyrillic = "\u0430utoencoder.py"
        files = {name: text for name, text in FILES.items() if name != "autoencoder.py"}
        taken = opened(write_zip(tmp_path / "s.zip", files | {cyrillic: b"x"}))
        assert taken.missing == ("autoencoder",)

    @packers
    def test_folders_too_deep(self, tmp_path: Path, pack: Pack) -> None:
        deep = {f"a/b/c/d/e/f/{name}": text for name, text in FILES.items()}
        assert refusal(pack(tmp_path, deep)).startswith("none of the five modules")

    @archivers
    def test_folders_without_end(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, FILES | {"a/" * 5000 + "threshold.py": b"x"}))
        assert taken.files == FILES
        assert all(len(name) <= 101 for name in taken.ignored)

    @pytest.mark.skipif(os.name == "nt", reason="not a name there")
    def test_name_that_no_encoding_has(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "s", FILES)
        try:
            Path(os.fsdecode(os.fsencode(folder) + b"/\xff.py")).write_bytes(b"x")
        except OSError:
            pytest.skip("this file system takes only UTF-8")
        taken = opened(folder)
        assert taken.files == FILES
        assert taken.ignored == ("\\udcff.py",)

    def test_name_of_the_archive_itself(self, tmp_path: Path) -> None:
        assert opened(write_zip(tmp_path / "a\x1b[1mb.zip", FILES)).name == "a\\x1b[1mb"


class TestWholeRepository:
    """A student may hand in all of their repository, with the grader in it."""

    BESIDE = ("grader/checks/x.py", "datasets/cli.py", "tests/test_smoke.py")

    @packers
    def test_what_was_given_is_no_news(self, tmp_path: Path, pack: Pack) -> None:
        inside = {f"repo/assignment/{name}": content for name, content in FILES.items()}
        inside |= {f"repo/{name}": b"" for name in self.BESIDE}
        taken = opened(pack(tmp_path, inside))
        assert taken.files == FILES
        assert notes(taken) == []

    @archivers
    def test_member_without_a_name(self, tmp_path: Path, pack: Pack) -> None:
        inside = {f"assignment/{name}": content for name, content in FILES.items()}
        assert opened(pack(tmp_path, inside | {".": b"x"})).files == FILES

    @packers
    def test_the_graders_checks_are_no_modules(self, tmp_path: Path, pack: Pack) -> None:
        inside = {f"repo/grader/checks/{name}": content for name, content in FILES.items()}
        with pytest.raises(UsageError, match="none of the five modules"):
            opened(pack(tmp_path, inside))

    @packers
    def test_they_do_not_hide_a_submission_with_fewer(self, tmp_path: Path, pack: Pack) -> None:
        inside = {f"repo/grader/checks/{name}": b"check" for name in FILES}
        inside |= {"repo/assignment/threshold.py": FILES["threshold.py"]}
        assert opened(pack(tmp_path, inside)).files == {"threshold.py": FILES["threshold.py"]}


@archivers
def test_code_in_a_folder_below_the_modules_is_named(tmp_path: Path, pack: Pack) -> None:
    taken = opened(pack(tmp_path, FILES | {"layers/more/blocks.py": b"x"}))
    assert notes(taken) == [
        "not taken from the submission: layers/more/blocks.py "
        "(in a folder below the modules: put it beside them)"
    ]


def test_links_in_an_archive_are_named_with_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "s.tar"
    with tarfile.open(path, "w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "evaluation.py"),
            (tarfile.LNKTYPE, "weights.safetensors"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("threshold.py")
        archive.addfile(info)
    reason = "a link, which is not followed: hand in the file itself"
    assert opened(path).reasons == {"evaluation.py": reason, "weights.safetensors": reason}


def test_link_in_a_zip_is_named_with_its_reason(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "s.zip", {"threshold.py": b"x"})
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("evaluation.py")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "threshold.py")
    taken = opened(path)
    assert taken.reasons == {
        "evaluation.py": "a link, which is not followed: hand in the file itself"
    }
