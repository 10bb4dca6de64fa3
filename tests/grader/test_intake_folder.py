"""Folders: links, pipes, and files that change while they are read."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from grader.intake import limits
from tests.grader.packing import FILES, opened, refusal, watched, write_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")


def test_links_and_pipes_are_left_and_named(tmp_path: Path) -> None:
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
    assert taken.advice == ()
    assert taken.reasons == {
        "contrastive.py": "a link, which is not followed: hand in the file itself",
        "evaluation.py": "no regular file",
        "linked": "a link, which is not followed: hand in the file itself",
        "weights.safetensors": "a link, which is not followed: hand in the file itself",
    }


def test_submission_of_links_alone_says_that_they_are_links(tmp_path: Path) -> None:
    elsewhere = write_folder(tmp_path / "elsewhere", FILES)
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "assignment").symlink_to(elsewhere)
    assert refusal(folder).endswith(
        "is in it, nor a notebook; assignment: a link, which is not followed: "
        "hand in the file itself"
    )


@pytest.mark.parametrize("depth", [1, 2])
def test_code_in_a_folder_below_all_modules_is_named(tmp_path: Path, depth: int) -> None:
    below = "/".join(["layers", "more"][:depth])
    folder = write_folder(tmp_path / "s", FILES | {f"{below}/blocks.py": b"x", "runs/a.png": b""})
    taken = opened(folder)
    assert taken.files == FILES
    told = {"layers/blocks.py": "in a folder below the modules: put it beside them"}
    assert taken.reasons == (told if depth == 1 else {})  # a deeper one is not looked for
    assert taken.ignored == tuple(told if depth == 1 else ())


def test_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_folder(tmp_path / "s", {"threshold.py": b"x"}))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("evaluation.py")
        assert opened(tmp_path / "s").ignored == ("evaluation.py",)


def test_submission_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s.zip")
    assert refusal(tmp_path / "s.zip") == "it is neither a file nor a folder"


def test_link_to_the_submission_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write_folder(tmp_path / "s", FILES))
    assert opened(tmp_path / "link").files == FILES


@pytest.mark.parametrize("other", ["link", "pipe"])
def test_module_replaced_after_the_folder_was_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    folder = write_folder(tmp_path / "s", FILES)
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    really_open = os.open

    def replace_and_open(path: Path, flags: int) -> int:
        if path.name == "threshold.py":
            path.unlink()
            path.symlink_to(secret) if other == "link" else os.mkfifo(path)
        return really_open(path, flags)

    monkeypatch.setattr(os, "open", replace_and_open)
    taken = opened(folder)
    assert taken.missing == ("threshold",)
    assert taken.ignored == ("threshold.py",)


def test_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size was small when it was looked at; `/proc` has files that never end."""
    monkeypatch.setattr(limits, "MAX_FILE", 1000)
    folder = write_folder(tmp_path / "s", FILES)
    really_open = os.open

    def grow_and_open(path: Path, flags: int) -> int:
        descriptor = really_open(path, flags)
        if path.name == "threshold.py":
            path.write_bytes(bytes(5000))
        return descriptor

    monkeypatch.setattr(os, "open", grow_and_open)
    line = refusal(folder)
    assert line == "threshold.py is too large (limits: 0 MB a file, 128 MB in all)"


def test_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "s", FILES)

    def denied(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", denied)
    assert refusal(folder) == "it cannot be read (autoencoder.py: Permission denied)"


def test_huge_sparse_file_is_not_read(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "s", FILES)
    with (folder / "weights.safetensors").open("wb") as file:
        file.truncate(1 << 40)
    outcome = watched(folder)
    assert outcome.said.endswith(
        "weights.safetensors is too large (limits: 64 MB a file, 128 MB in all)"
    )
    assert outcome.megabytes < 20


def test_folders_inside_folders_without_end(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "s", {"threshold.py": b"x"})
    inside = folder
    for _ in range(200):
        inside /= "d"
        inside.mkdir()
    assert opened(folder).files == {"threshold.py": b"x"}


def test_empty_folders_are_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 20)
    folder = write_folder(tmp_path / "s", {"threshold.py": b"x"})
    for number in range(20):
        (folder / f"d{number}").mkdir()
    assert refusal(folder) == "more than 20 files; hand in the assignment alone"


def test_data_beside_all_five_modules_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 20)
    plots = {f"plots/{number}.png": b"" for number in range(100)}
    assert opened(write_folder(tmp_path / "s", FILES | plots)).files == FILES
