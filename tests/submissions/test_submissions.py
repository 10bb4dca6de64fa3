"""The submissions are what they say; that the grader sees it is the matrix's matter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.record import STATUSES
from grader.rubric import load_rubric
from tests.submissions.grading import checks_of, code_checks, grade_code, grade_patch
from tests.submissions.patches import (
    Patch,
    PatchError,
    names,
    read_patch,
    read_patches,
    write_submission,
)

WRONG, CORRECT = read_patches("wrong"), read_patches("correct")
ALL = WRONG + CORRECT
# Graded in the quick suite too, all others by `python -m tests.submissions matrix` alone.
QUICK = ("classifier_softmax", "contrastive_diagonal_counted")


@pytest.mark.parametrize("name", QUICK)
def test_wrong_submission_loses_what_it_should(name: str) -> None:
    patch = next(patch for patch in WRONG if patch.name == name)
    found = grade_patch(patch).differences
    assert not found, "\n".join([f"{patch.name}: {patch.why}", *found])


@pytest.mark.parametrize("patch", ALL, ids=names(ALL))
def test_patch_fits_the_reference(patch: Patch, tmp_path: Path) -> None:
    folder = write_submission(patch, tmp_path / patch.name)
    for file in folder.glob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"), file.name)


@pytest.mark.parametrize("patch", WRONG, ids=names(WRONG))
def test_wrong_patch_says_what_it_fails(patch: Patch) -> None:
    checks = {check.id for task in load_rubric().tasks for check in task.checks}
    assert patch.fails, "a wrong submission has to fail something"
    assert set(patch.fails) <= checks
    assert set(patch.fails.values()) <= set(STATUSES) - {"passed", "grader_error"}


@pytest.mark.parametrize("patch", CORRECT, ids=names(CORRECT))
def test_correct_patch_fails_nothing(patch: Patch) -> None:
    assert not patch.fails


def test_every_check_is_failed_by_some_submission() -> None:
    """A check that no wrong submission trips has not been shown to find anything."""
    assert set(code_checks()) == {name for patch in WRONG for name in patch.fails}


def test_there_are_enough_correct_ones() -> None:
    assert len(CORRECT) >= 25


def test_reference_and_all_replacements_are_graded_alike(tmp_path: Path) -> None:
    """The door is the same: a patch that changes a comment gets full marks."""
    patch = Patch("comment", "nothing", files={"helper.py": "# a comment\n"})
    checks = checks_of(grade_code(write_submission(patch, tmp_path / "s"), ("threshold",)))
    assert {check.status for check in checks.values()} == {"passed"}


class TestPatches:
    """The mechanism itself."""

    @pytest.fixture
    def reference(self, tmp_path: Path) -> Path:
        folder = tmp_path / "reference"
        folder.mkdir()
        (folder / "threshold.py").write_text("a = 1\nb = a + a\n", encoding="utf-8")
        return folder

    def read(self, folder: Path, text: str) -> Patch:
        path = folder / "sample.toml"
        path.write_text(text, encoding="utf-8")
        return read_patch(path)

    @pytest.mark.parametrize(("old", "count"), [("a", "3 times"), ("c", "0 times")])
    def test_ambiguous_or_absent_text_names_patch_and_file(
        self, tmp_path: Path, reference: Path, old: str, count: str
    ) -> None:
        patch = self.read(
            tmp_path,
            f'why = "x"\n[[replace]]\nfile = "threshold.py"\nold = "{old}"\nnew = "z"\n',
        )
        with pytest.raises(PatchError, match=rf"sample\.toml.* {count} .*threshold\.py"):
            write_submission(patch, tmp_path / "out", reference)

    def test_unknown_file_names_it(self, tmp_path: Path, reference: Path) -> None:
        patch = self.read(
            tmp_path, 'why = "x"\n[[replace]]\nfile = "nowhere.py"\nold = "a"\nnew = "z"\n'
        )
        with pytest.raises(PatchError, match=r"nowhere\.py"):
            write_submission(patch, tmp_path / "out", reference)

    def test_replacements_follow_each_other_and_files_replace(
        self, tmp_path: Path, reference: Path
    ) -> None:
        patch = self.read(
            tmp_path,
            'why = "x"\n'
            '[[replace]]\nfile = "threshold.py"\nold = "a = 1"\nnew = "q = 2"\n'
            '[[replace]]\nfile = "threshold.py"\nold = "q = 2"\nnew = "r = 3"\n'
            '[files]\n"helper.py" = "h = 1"\n',
        )
        folder = write_submission(patch, tmp_path / "out", reference)
        assert (folder / "threshold.py").read_text(encoding="utf-8") == "r = 3\nb = a + a\n"
        assert (folder / "helper.py").read_text(encoding="utf-8") == "h = 1"
        assert patch.touched == {"threshold.py", "helper.py"}

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ('[files]\n"a.py" = ""\n', "say why"),
            ('why = "x"\n', "nothing is changed"),
            ('why = "x"\ntypo = 1\n[files]\n"a.py" = ""\n', "unknown key typo"),
            ('why = "x"\n[[replace]]\nfile = "a.py"\nold = "a"\n', "new"),
            ("why =", "sample.toml"),
        ],
    )
    def test_broken_patch_is_refused(self, tmp_path: Path, text: str, complaint: str) -> None:
        with pytest.raises(PatchError, match=complaint):
            self.read(tmp_path, text)
