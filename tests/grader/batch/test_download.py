"""An LMS's download as one .zip: whose names come from students."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from grader.batch.download import opened_download
from grader.batch.find import find_class
from grader.errors import GraderError, UsageError
from tests.grader.batch.folders import modules
from tests.grader.packing import write_zip


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_bulk_download_is_unpacked_and_removed_again(tmp_path: Path) -> None:
    inner = zipped(modules("a"))
    path = write_zip(tmp_path / "submissions.zip", {"lovelaceada_7_8_work.zip": inner})
    with opened_download(path) as (folder, refused):
        assert not refused
        assert find_class(folder).layout == "canvas"
        assert (folder / "lovelaceada_7_8_work.zip").read_bytes() == inner
    assert not folder.exists()
    assert path.exists()


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    with opened_download(tmp_path) as (folder, refused):
        assert (folder, refused) == (tmp_path, ())


def test_names_that_lead_elsewhere_or_fit_no_file_are_refused(tmp_path: Path) -> None:
    files = {
        "../up_1_2_a.zip": b"x",
        "/tmp/abs_1_2_a.zip": b"x",
        "a" * 300 + "_1_2_a.zip": b"x",
        "good_1_2_a.zip": b"x",
        "good_1_2_a.zip/below": b"x",
        "__MACOSX/good": b"x",
    }
    path = write_zip(tmp_path / "d.zip", files)
    with opened_download(path) as (folder, refused):
        assert [file.name for file in folder.rglob("*")] == ["good_1_2_a.zip"]
        assert len(refused) == 4
        assert all(item.reason and item.source.isprintable() for item in refused)
    assert not (tmp_path / "up_1_2_a.zip").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>please log in</html>"])
def test_what_is_no_zip_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.zip").write_bytes(content)
    with pytest.raises(UsageError, match="damaged, or no zip"), opened_download(tmp_path / "d.zip"):
        pass


def test_a_disk_without_room_is_said_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "d.zip", {"a_1_2_b.zip": bytes(4096)})
    monkeypatch.setattr(
        "grader.batch.download.shutil.disk_usage", lambda _: type("U", (), {"free": 100})
    )
    with pytest.raises(GraderError, match="no room"), opened_download(path):
        pass
