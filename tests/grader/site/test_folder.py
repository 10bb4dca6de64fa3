"""The folder of a site: whole or not at all, and nobody else's files go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.site.folder import MARKER, check_place, write_site

FILES = [("index.html", b"one"), ("reports/a.html", b"two")]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_new_site_is_its_owners_alone(tmp_path: Path) -> None:
    size = write_site(tmp_path / "site", FILES)
    found = tree(tmp_path / "site")
    assert found.keys() == {"index.html", "reports/a.html", MARKER}
    assert size == sum(map(len, found.values()))
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_earlier_site_gives_way_and_its_rights_stay(tmp_path: Path) -> None:
    write_site(tmp_path / "site", [*FILES, ("reports/gone.html", b"old")])
    (tmp_path / "site").chmod(0o755)
    write_site(tmp_path / "site", FILES)
    assert "reports/gone.html" not in tree(tmp_path / "site")
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    write_site(tmp_path / "site", FILES)
    assert "index.html" in tree(tmp_path / "site")


def test_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to("real")
    write_site(tmp_path / "site", FILES)
    assert (tmp_path / "site").is_symlink()
    assert "index.html" in tree(tmp_path / "real")


@pytest.mark.parametrize("foreign", ["notes.txt", "reports/notes.txt", "mine/deep/notes.txt"])
def test_files_that_are_not_ours_stay(tmp_path: Path, foreign: str) -> None:
    site = tmp_path / "site"
    write_site(site, FILES)
    (site / foreign).parent.mkdir(parents=True, exist_ok=True)
    (site / foreign).write_text("mine")
    before = tree(site)
    with pytest.raises(UsageError, match=r"notes\.txt in it is not of the site"):
        write_site(site, FILES)
    assert tree(site) == before


def test_empty_folders_and_links_of_others_stay(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(site, FILES)
    (site / "empty").mkdir()
    with pytest.raises(UsageError, match="empty in it"):
        check_place(site)
    (site / "empty").rmdir()
    (site / "link").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="link in it"):
        check_place(site)


def test_what_a_desktop_leaves_does_not_count(tmp_path: Path) -> None:
    write_site(tmp_path / "site", FILES)
    (tmp_path / "site" / ".DS_Store").write_bytes(b"x")
    write_site(tmp_path / "site", FILES)
    assert ".DS_Store" not in tree(tmp_path / "site")


@pytest.mark.parametrize("marker", ["", "{}", "[" * 100_000, '{"schema": "x", "files": []}', None])
def test_foreign_folder_is_refused(tmp_path: Path, marker: str | None) -> None:
    (tmp_path / "index.html").write_text("mine")
    if marker is not None:
        (tmp_path / MARKER).write_text(marker)
    with pytest.raises(UsageError, match="not empty, and no site of this command"):
        check_place(tmp_path)


def test_places_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "ring").symlink_to("ring")
    for place, words in (
        ("file", "no folder"), ("none/site", "make it first"), ("file/site", "make it first"),
        ("ring/site", "cannot be written|make it first"), ("a\x00b", "cannot be written"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=words):
            check_place(tmp_path / place)


def test_no_rights_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(UsageError, match="cannot be written to"):
        check_place(tmp_path / "site")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_writing_leaves_the_earlier_site(
    tmp_path: Path, error: type[BaseException]
) -> None:
    def broken() -> Iterator[tuple[str, bytes]]:
        yield FILES[0]
        raise error

    write_site(tmp_path / "site", FILES)
    before = tree(tmp_path / "site")
    with pytest.raises(error):
        write_site(tmp_path / "site", broken())
    assert tree(tmp_path / "site") == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_failed_renaming_brings_the_earlier_site_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(tmp_path / "site", FILES)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(UsageError, match="No space left"):
        write_site(tmp_path / "site", [("index.html", b"new")])
    assert tree(tmp_path / "site")["index.html"] == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
