"""A class that hands in notebooks, alone and beside weights, by every way they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.find import find_class
from grader.batch.opening import Unusable, open_work
from grader.batch.parcel import pack, unpack
from grader.batch.work import Work
from grader.file_notes import file_notes, is_file_note
from tests.grader.batch.folders import modules
from tests.grader.notebooks import notebook
from tests.grader.packing import GIVEN, write_folder, write_zip

WORK = notebook("def reject(*_): return 'mine'", "print(1)")
OTHER = notebook("def reject(*_): return 'other'")


def works(folder: Path) -> dict[str, Work]:
    return {works[0].student: works[-1] for works in find_class(folder).students}


def text(work: Work) -> str:
    return open_work(work, GIVEN).files["threshold.py"].decode()


def test_plain_folder(tmp_path: Path) -> None:
    write_folder(tmp_path, {
        "ada.ipynb": WORK,
        "bob/work.ipynb": WORK, "bob/weights.safetensors": b"w",
        "cem/1.ipynb": OTHER, "cem/2.ipynb": WORK,
        "dan/a.ipynb": OTHER, "dan/b.ipynb": WORK,
        "eve/work.ipynb": OTHER, **{f"eve/{name}": b for name, b in modules("eve").items()},
    })  # fmt: skip
    write_zip(tmp_path / "fay.zip", {"fay/work.ipynb": WORK, "fay/weights.safetensors": b"w"})
    found = works(tmp_path)
    assert {name for name, work in found.items() if name not in ("dan", "eve") and
            "mine" in text(work)} == {"ada", "bob", "cem", "fay"}  # fmt: skip
    assert open_work(found["bob"], GIVEN).files["weights.safetensors"] == b"w"
    assert open_work(found["fay"], GIVEN).files["weights.safetensors"] == b"w"
    assert found["cem"].attempt == "2"
    assert text(found["eve"]) == "# eve\n"
    with pytest.raises(Unusable, match=r"several notebooks, a\.ipynb and b\.ipynb"):
        open_work(found["dan"], GIVEN)


def test_moodle_folders_and_files(tmp_path: Path) -> None:
    folder = "Ada Lovelace_1234567_assignsubmission_file_"
    flat = "Bob B_1234568_assignsubmission_file_"
    write_folder(tmp_path, {
        f"{folder}/work.ipynb": WORK, f"{folder}/weights.safetensors": b"w",
        f"{flat}work.ipynb": WORK, f"{flat}weights.safetensors": b"w",
        "Participant 1234569.ipynb": WORK,
        "Cem C_1234570_assignsubmission_file_only.ipynb": WORK,
    })  # fmt: skip
    found = works(tmp_path)
    assert find_class(tmp_path).layout == "moodle"
    assert all("mine" in text(work) for work in found.values())
    with_weights = {name for name, w in found.items() if open_work(w, GIVEN).has_weights}
    assert with_weights == {"1234567", "1234568"}
    assert set(found) == {"1234567", "1234568", "1234569", "1234570"}


def test_canvas_files(tmp_path: Path) -> None:
    write_folder(tmp_path, {
        "lovelaceada_101_9001_work.ipynb": OTHER,
        "lovelaceada_101_9003_work-1.ipynb": WORK,
        "lovelaceada_101_9002_weights.safetensors": b"w",
        "turingalan_LATE_102_9004_work.ipynb": WORK,
        "hopper_103_9005_a.ipynb": WORK, "hopper_103_9006_b.ipynb": OTHER,
    })  # fmt: skip
    found = works(tmp_path)
    assert find_class(tmp_path).layout == "canvas"
    assert "mine" in text(found["101"])
    assert open_work(found["101"], GIVEN).has_weights
    assert "mine" in text(found["102"])
    with pytest.raises(Unusable, match="several notebooks"):
        open_work(found["103"], GIVEN)


def test_notes_travel_with_the_parcel(tmp_path: Path) -> None:
    write_folder(tmp_path, {"ada.ipynb": WORK})
    submission = open_work(works(tmp_path)["ada"], GIVEN)
    there = unpack(pack(submission))
    assert there.notes == submission.notes != ()
    assert all(is_file_note(note) for note in file_notes(there))
    assert "notebook: what is no definition is left out (cell 2)" in file_notes(there)
