"""What cannot be used ends with exit code 2 and one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grader.grade_command.endings import CODE_TASKS, REFERENCE, Run, assert_usage_error
from tests.grader.schema import load_strict


class TestWrongUsage:
    """Exit code 2 and one line, before any student code runs."""

    def test_missing_path(self, run: Run, tmp_path: Path) -> None:
        assert_usage_error(run(tmp_path / "nowhere"), "nowhere", "no such file")

    def test_path_too_long_for_the_system(self, run: Run) -> None:
        assert_usage_error(run("x" * 5000))

    def test_empty_folder(self, run: Run, tmp_path: Path) -> None:
        assert_usage_error(run(tmp_path), "none of the five modules")

    def test_file_that_is_no_archive(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "report.pdf"
        path.write_bytes(b"%PDF")
        assert_usage_error(run(path), "report.pdf", ".zip")

    @pytest.mark.parametrize("name", ["s.zip", "s.tar.gz", "s.tar", "s.tgz"])
    def test_archive_that_is_garbage(self, run: Run, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_bytes(b"this is not an archive" * 50)
        assert_usage_error(run(path), name, "cannot be read")

    def test_unknown_task(self, run: Run) -> None:
        result = run(REFERENCE, "--task", "contrastiv")
        assert_usage_error(result, "contrastiv", *CODE_TASKS, "accuracy")

    @pytest.mark.parametrize(
        "options",
        [("--frobnicate",), ("--data", "cifar"), ("--seed", "-1"), ("--fail-under", "101"),
         ("--train", "sometimes"), ("--sandbox", "docker"), ("--seed", "one")],
    )  # fmt: skip
    def test_unknown_option_or_value(self, run: Run, options: tuple[str, ...]) -> None:
        assert_usage_error(run(REFERENCE, *options), options[0])

    def test_no_submission(self, run: Run) -> None:
        assert_usage_error(run(), "submission")

    def test_mnist_that_is_not_there(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OSR_DATA", str(tmp_path))
        assert_usage_error(run(REFERENCE, "--data", "mnist"), "MNIST", "fetch")

    def test_hidden_bundle_that_is_not_there(self, run: Run, tmp_path: Path) -> None:
        assert_usage_error(run(REFERENCE, "--hidden", tmp_path / "hidden.npz"), "hidden.npz")

    def test_hidden_bundle_that_is_garbage(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "hidden.npz"
        path.write_bytes(b"PK\x03\x04 nothing")
        assert_usage_error(run(REFERENCE, "--hidden", path), "hidden.npz")

    def test_json_in_a_folder_that_is_not_there(self, run: Run, tmp_path: Path) -> None:
        target = tmp_path / "a" / "b.json"
        result = run(REFERENCE, "--data", "digits", "--task", "threshold", "--json", target)
        assert_usage_error(result, "b.json")

    def test_sandbox_require_never_grades_with_less(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path
    ) -> None:
        target = tmp_path / "record.json"
        result = run(
            copy_reference(), "--data", "digits", "--task", "threshold",
            "--sandbox", "require", "--json", target,
        )  # fmt: skip
        if result.exit_code == 0:
            assert load_strict(target.read_text(encoding="utf-8"))["sandbox"] == "bwrap"
        else:
            assert_usage_error(result, "--sandbox require", "bwrap")
            assert not target.exists()


def test_json_that_is_a_folder_is_one_line(run: Run, tmp_path: Path) -> None:
    result = run(REFERENCE, "--data", "digits", "--task", "threshold", "--json", tmp_path)
    assert result.exit_code == 2
    assert [tmp_path.name in line for line in result.stderr.splitlines()].count(True) == 1
    assert not list(tmp_path.iterdir()), "the temporary file was left behind"
