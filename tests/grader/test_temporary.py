"""Temporary folders are gone afterwards, whatever was put into them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.temporary import remove_tree, temporary_folder


def test_folder_with_files_and_links_is_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    with temporary_folder() as folder:
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "file").write_text("x")
        (folder / "a" / "link").symlink_to(outside, target_is_directory=True)
    assert not folder.exists()
    assert (outside / "kept").exists()


def test_folder_deeper_than_pythons_stack_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    top.mkdir()
    monkeypatch.chdir(top)
    for _ in range(3000):
        Path("d").mkdir()
        os.chdir("d")
    os.chdir(tmp_path)
    remove_tree(top)
    assert not top.exists()


def test_locked_folder_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "locked" / "inside").mkdir(parents=True)
    (top / "locked" / "inside").chmod(0)
    (top / "locked").chmod(0)
    remove_tree(top)
    assert not top.exists()


def test_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove_tree(tmp_path / "nowhere")
