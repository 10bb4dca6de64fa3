"""Finding a class's submissions, as they are handed in or as an LMS names them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.candidates import natural
from grader.batch.find import find_class, only, recognise
from grader.batch.layouts import canvas, moodle
from grader.batch.opening import Unusable, open_work
from grader.batch.work import Work, plain_text
from grader.errors import GraderError, UsageError
from tests.grader.batch.folders import as_folder, as_zip, modules
from tests.grader.packing import GIVEN, write_folder, write_tar


def found(folder: Path, **options: str) -> dict[str, list[tuple[str, str, str]]]:
    """By student: name, attempt and source of each attempt that counts."""
    return {
        works[0].student: [(work.name, work.attempt, work.source) for work in works]
        for works in find_class(folder, **options).students
    }


def test_a_plain_folder_holds_folders_archives_and_notebooks(tmp_path: Path) -> None:
    as_folder(tmp_path / "ada", "a")
    as_zip(tmp_path / "bob.zip", "b")
    write_tar(tmp_path / "cem.tar.gz", modules("c"))
    (tmp_path / "dan.ipynb").write_text("{}")
    (tmp_path / "notes.txt").write_text("the instructor's own")
    (tmp_path / ".DS_Store").write_text("")
    (tmp_path / "__MACOSX").mkdir()
    assert found(tmp_path) == {
        "ada": [("", "", "ada")],
        "bob": [("", "", "bob.zip")],
        "cem": [("", "", "cem.tar.gz")],
        "dan": [("", "", "dan.ipynb")],
    }
    assert find_class(tmp_path).skipped == ("notes.txt",)


def test_what_git_and_systems_leave_behind_is_nobodys_work(tmp_path: Path) -> None:
    for folder in (".git", "__pycache__", ".ipynb_checkpoints", "__MACOSX"):
        write_folder(tmp_path / folder, modules("old"))
        write_folder(tmp_path / "ada" / folder, modules("old"))
        write_folder(tmp_path / "ada" / folder, {"1.zip": b"PK"})
    write_folder(tmp_path, {".DS_Store": b"", "ada/.DS_Store": b"", "ada/.git/1/x.py": b""})
    as_zip(tmp_path / "ada" / "work.zip", "mine")
    found_class = find_class(tmp_path)
    assert [[work.source for work in works] for works in found_class.students] == [["ada/work.zip"]]
    assert (found_class.skipped, found_class.refused) == ((), ())


@pytest.mark.parametrize(
    ("attempt", "sources"),
    [
        ("last", ["ada/try-10.zip"]),
        ("first", ["ada/try-2.zip"]),
        ("all", ["ada/try-2.zip", "ada/try-10.zip"]),
    ],
)
def test_attempts_in_a_students_folder_are_in_natural_order(
    tmp_path: Path, attempt: str, sources: list[str]
) -> None:
    as_zip(tmp_path / "ada" / "try-2.zip", "early")
    as_zip(tmp_path / "ada" / "try-10.zip", "late")
    as_folder(tmp_path / "bob" / "1", "only")
    attempts = found(tmp_path, attempt=attempt)
    assert [source for _, _, source in attempts["ada"]] == sources
    assert attempts["bob"] == [("", "", "bob/1")]


def test_a_folder_with_modules_is_itself_the_submission(tmp_path: Path) -> None:
    as_folder(tmp_path / "ada", "a")
    as_zip(tmp_path / "ada" / "backup.zip", "old")
    assert found(tmp_path) == {"ada": [("", "", "ada")]}


def test_canvas_names_are_recognised_with_late_and_repeated_uploads(tmp_path: Path) -> None:
    as_zip(tmp_path / "lovelaceada_101_9001_assignment.zip", "a")
    as_zip(tmp_path / "turingalan_LATE_102_9002_assignment-2.zip", "b")
    as_zip(tmp_path / "müllerjörg_103_9003_my_work_v2.zip", "c")
    (tmp_path / "hopper_104_text.html").write_text("<p>please see my mail</p>")
    (tmp_path / "noether_105_9005_work.rar").write_bytes(b"Rar!")
    assert recognise(tmp_path) == "canvas"
    assert found(tmp_path) == {
        "101": [("lovelaceada", "", "lovelaceada_101_9001_assignment.zip")],
        "102": [("turingalan", "", "turingalan_LATE_102_9002_assignment-2.zip")],
        "103": [("müllerjörg", "", "müllerjörg_103_9003_my_work_v2.zip")],
        "104": [("hopper", "", "hopper_104_text.html")],
        "105": [("noether", "", "noether_105_9005_work.rar")],
    }


def test_files_handed_in_one_by_one_to_canvas_are_put_together(tmp_path: Path) -> None:
    for number, (name, content) in enumerate(modules("new").items()):
        again = name.replace(".py", "-1.py")
        (tmp_path / f"lovelaceada_7_{10 + number}_{name}").write_bytes(b"# old\n")
        (tmp_path / f"lovelaceada_7_{20 + number}_{again}").write_bytes(content)
    (work,) = find_class(tmp_path).students[0]
    assert open_work(work, GIVEN).files == modules("new")


def test_several_archives_of_one_student_in_canvas_are_attempts(tmp_path: Path) -> None:
    as_zip(tmp_path / "lovelaceada_7_99_b.zip", "first")
    as_zip(tmp_path / "lovelaceada_7_100_a.zip", "second")
    assert [attempt for _, attempt, _ in found(tmp_path, attempt="all")["7"]] == ["99", "100"]
    assert found(tmp_path)["7"][0][1] == "100"


def test_download_that_was_unpacked_into_a_folder_is_found_but_no_link_to_one(
    tmp_path: Path,
) -> None:
    download = tmp_path / "download" / "HW1"
    as_folder(download / "Ada L_1234567_assignsubmission_file_", "a")
    (tmp_path / "download" / ".DS_Store").write_text("")
    assert find_class(tmp_path / "download").layout == "moodle"
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "HW1").symlink_to(download, target_is_directory=True)
    assert find_class(linked).layout == "plain"
    assert "1234567" not in found(linked)


def test_moodle_folders_and_flat_files_are_recognised(tmp_path: Path) -> None:
    as_zip(tmp_path / "Ada Lovelace_1234567_assignsubmission_file_" / "work.zip", "a")
    as_folder(tmp_path / "Jean_Luc Picard_1234568_assignsubmission_file_", "b")
    as_zip(tmp_path / "Participant_1234569_assignsubmission_file_work.zip", "c")
    (tmp_path / "Ada Lovelace_1234567_assignsubmission_onlinetext_").mkdir()
    (tmp_path / "Participant 1234570").mkdir()
    assert recognise(tmp_path) == "moodle"
    inside = "Ada Lovelace_1234567_assignsubmission_file_/work.zip"
    assert found(tmp_path) == {
        "1234567": [("Ada Lovelace", "", inside)],
        "1234568": [
            ("Jean_Luc Picard", "", "Jean_Luc Picard_1234568_assignsubmission_file_")
        ],
        "1234569": [("", "", "Participant_1234569_assignsubmission_file_work.zip")],
        "1234570": [("", "", "Participant 1234570")],
    }  # fmt: skip


def test_a_file_named_after_another_participant_harms_only_its_own_student(tmp_path: Path) -> None:
    as_zip(tmp_path / "Bob_222_assignsubmission_file_work.zip", "b")
    hostile = "Mal_111_assignsubmission_file_x_222_assignsubmission_file_work.zip"
    as_zip(tmp_path / hostile, "m")
    assert found(tmp_path) == {"222": [("Bob", "", "Bob_222_assignsubmission_file_work.zip")]}
    (refused,) = find_class(tmp_path).refused
    assert refused.source == hostile


@pytest.mark.parametrize("name", ["1", "work.zip"])
def test_a_link_in_a_students_folder_hands_in_nobody_elses_work(tmp_path: Path, name: str) -> None:
    other = as_zip(tmp_path / "bob" / "work.zip", "b")
    target = other if name.endswith(".zip") else as_folder(tmp_path / "cem", "c")
    (tmp_path / "mal").mkdir()
    (tmp_path / "mal" / name).symlink_to(target)
    for layout in ("plain", "auto"):
        works = {works[0].student: works[0] for works in find_class(tmp_path, layout).students}
        with pytest.raises(Unusable, match="none of the five modules"):
            open_work(works["mal"], GIVEN)
    moodle_folder = tmp_path / "download" / "Mal_111_assignsubmission_file_"
    moodle_folder.mkdir(parents=True)
    (moodle_folder / name).symlink_to(target)
    (works,) = find_class(tmp_path / "download", "moodle").students
    with pytest.raises(Unusable, match="none of the five modules"):
        open_work(works[0], GIVEN)


GRADESCOPE = """---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: 's1'
    :email: ada@example.edu
  - :name: Charles Babbage
    :sid: ''
    :email: charles@example.edu
  :created_at: 2026-05-01 10:00:00.000000000 Z
submission_12:
  :submitters:
  - :name: Ada Lovelace
    :sid: 's1'
  :created_at: 2026-05-02 10:00:00.000000000 Z
submission_13:
  :submitters:
  - :name: Nobody Known
submission_14:
  :submitters:
  - :sid: 's4'
"""


def test_gradescopes_export_gives_a_group_a_grade_each(tmp_path: Path) -> None:
    export = tmp_path / "assignment_5_export"
    for number in (11, 12, 13):
        as_folder(export / f"submission_{number}", str(number))
    (export / "submission_metadata.yml").write_text(GRADESCOPE)
    assert found(tmp_path, attempt="all") == {
        "s1": [
            ("Ada Lovelace", "2026-05-01 10:00:00+00:00", "submission_11"),
            ("Ada Lovelace", "2026-05-02 10:00:00+00:00", "submission_12"),
        ],
        "charles@example.edu": [("Charles Babbage", "", "submission_11")],
    }
    refused = {item.source: item.reason for item in find_class(tmp_path).refused}
    assert "has no id" in refused["submission_13"]
    assert "is not there" in refused["submission_14"]


@pytest.mark.parametrize("text", ["- a list\n", "a: [\n", "!!python/object:os.system {}\n"])
def test_a_broken_list_of_gradescopes_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "submission_metadata.yml").write_text(text)
    with pytest.raises(UsageError, match=r"submission_metadata\.yml: it is not") as caught:
        find_class(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_list_of_gradescopes_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    as_folder(tmp_path / "elsewhere", "e")
    export = as_folder(tmp_path / "export" / "submission_1", "1").parent
    entry = "  :submitters:\n  - :sid: 's1'\n"
    (export / "submission_metadata.yml").write_text(f"../elsewhere:\n{entry}")
    (refused,) = find_class(export).refused
    assert refused.source == "../elsewhere"


@pytest.mark.parametrize("names", [("ada", "ada.zip"), ("Ada.zip", "ada.zip")])
def test_two_submissions_of_one_id_are_refused_by_name(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    for number, name in enumerate(names):
        (as_zip if name.endswith(".zip") else as_folder)(tmp_path / name, str(number))
    as_folder(tmp_path / "bob", "b")
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this file system takes the two names for one")
    the_class = find_class(tmp_path)
    assert [works[0].student for works in the_class.students] == ["bob"]
    assert {item.source for item in the_class.refused} == set(names)
    assert all(all(name in item.reason for name in names) for item in the_class.refused)


def test_two_students_of_one_canvas_number_are_refused(tmp_path: Path) -> None:
    as_zip(tmp_path / "lovelaceada_7_1_a.zip", "a")
    as_zip(tmp_path / "turingalan_7_2_b.zip", "b")
    the_class = find_class(tmp_path)
    assert not the_class.students
    assert len(the_class.refused) == 2


def test_names_of_students_carry_no_escapes(tmp_path: Path) -> None:
    as_folder(tmp_path / "\x1b[2Jada\u202e", "a")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xffb")).mkdir()
    for works in find_class(tmp_path).students:
        assert works[0].student.isprintable()
        works[0].student.encode()


@given(st.text(max_size=300))
def test_a_kept_name_is_printable_text(name: str) -> None:
    kept = plain_text(name)
    assert not {unicodedata.category(c) for c in kept} & {"Cc", "Cs", "Cf", "Zl", "Zp"}
    assert len(kept) <= 201
    kept.encode("utf-8")


@given(st.lists(st.text(alphabet="a1٣²-0", max_size=6), max_size=6))
def test_the_natural_order_is_an_order(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=natural) == sorted(backwards, key=natural)


FRAGMENT = st.sampled_from(
    ["ada", "LATE", "_", "123", "_text.html", "assignsubmission", "file", "-1", ".zip", "\n", "é"]
)


@given(st.lists(FRAGMENT, max_size=9).map("".join))
def test_no_name_confuses_the_readers(name: str) -> None:
    path = Path("root", name or "x")
    for parse in (canvas._parse, moodle._parse):
        parse(path)


@pytest.mark.parametrize("layout", ["auto", "plain", "canvas", "moodle"])
def test_an_empty_folder_is_one_line(tmp_path: Path, layout: str) -> None:
    with pytest.raises(UsageError, match="no submissions"):
        find_class(tmp_path, layout)


def test_a_missing_folder_and_a_wrong_layout_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        find_class(tmp_path / "gone")
    as_folder(tmp_path / "ada", "a")
    with pytest.raises(UsageError, match="no submission_metadata"):
        find_class(tmp_path, "gradescope")


def test_only_takes_ids_and_names_and_suggests_others(tmp_path: Path) -> None:
    as_zip(tmp_path / "lovelaceada_101_1_a.zip", "a")
    as_zip(tmp_path / "turingalan_102_2_a.zip", "b")
    found = find_class(tmp_path)

    def chosen(*words: str) -> list[str]:
        return [works[0].student for works in only(found, words).students]

    assert chosen("102") == ["102"]
    assert chosen("lovelaceada", "101") == ["101"]
    with pytest.raises(UsageError, match="did you mean turingalan"):
        chosen("turingallan")


def test_only_says_what_was_refused_of_those_asked_for_and_of_nobody_else(tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        as_folder(tmp_path / name, name)
    as_zip(tmp_path / "ada.zip", "another")
    found = find_class(tmp_path)
    assert len(found.refused) == 2
    assert only(found, ["bob"]).refused == ()
    with pytest.raises(UsageError, match="--only ada: two submissions have the id ada"):
        only(found, ["ada"])


def test_ids_that_differ_in_case_alone_are_said_to(tmp_path: Path) -> None:
    as_zip(tmp_path / "Bob.zip", "1")
    as_folder(tmp_path / "bob", "2")
    assert {item.reason for item in find_class(tmp_path).refused} == {
        "the ids Bob, bob differ in case alone: Bob.zip, bob; rename one"
    }


def test_what_cannot_be_opened_is_told_apart_by_whose_fault_it_is(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK no more")
    (tmp_path / "empty").mkdir()
    for name in ("broken.zip", "empty"):
        with pytest.raises(Unusable) as caught:
            open_work(Work("a", "", "", name, tmp_path / name), GIVEN)
        assert str(tmp_path) not in str(caught.value)
    with pytest.raises(GraderError, match="vanished"):
        open_work(Work("a", "", "", "gone", tmp_path / "gone"), GIVEN)


def test_a_folder_that_may_not_be_read_is_no_fault_of_the_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_folder(tmp_path / "ada", "a")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "ada"))

    monkeypatch.setattr("grader.submission.read_folder", refuse)
    with pytest.raises(GraderError, match="Permission denied"):
        open_work(Work("a", "", "", "ada", tmp_path / "ada"), GIVEN)


def test_a_module_that_vanishes_between_is_left_out_of_loose_files(tmp_path: Path) -> None:
    write_folder(tmp_path, {"x_threshold.py": b"# t\n"})
    loose = (("threshold.py", tmp_path / "x_threshold.py"), ("../up.py", tmp_path / "x"))
    work = Work("a", "", "", "x_threshold.py", tmp_path, loose)
    assert open_work(work, GIVEN).files == {"threshold.py": b"# t\n"}
