"""Marks go into the files that Canvas and Moodle export, to the right student, on their scale."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.gradebook import Adjustment, Grade, GradeKey
from grader.gradebook.export import Template, export
from grader.gradebook.lms.numbers import format_points, parse_points
from tests.grader.gradebook.builders import make_record

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Open-set lab (4711),Quiz (12),Current Score
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,70.00,5,(read only)
"Lovelace, Ada",101,S-1,ada,Group 1,,4,80
"Boole, George",102,S-2,george,Group 1,12,,70
"Student, Test",103,,9f2c,Group 1,,,
"""
MOODLE = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 101","Ada Lovelace",ada@example.org,"Submitted for grading",,"10.00",Yes,"Monday, 1",-,
"Participant 102","George Boole",george@example.org,"No submission",,"10.00",No,-,-,
"Participant 103","Zoë","zoe@example.org",Submitted,,"10.00",Yes,-,-,"see me"
"""
HALF = {"accuracy.known": 2.5}  # 17.5 of 35 points


def graded(student: str, name: str = "", *, record=None, adjustment=None) -> Grade:
    return Grade(
        student, name, "", "x", GradeKey("w", "g", "d"), record or make_record(HALF), 1, "2026",
        adjustment=adjustment,
    )  # fmt: skip


def filled(tmp_path: Path, text: str | bytes, kind: str, grades: list[Grade], **options):
    path = tmp_path / "export.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    content, report = export(grades, kind, Template(path, **options))
    return content.decode() if isinstance(text, str) else content, "\n".join(report)


@pytest.mark.parametrize("student", ["101", "S-1", "s-1", "ada", "ADA"])
def test_canvas_by_id_number_or_login(tmp_path: Path, student: str):
    text, report = filled(tmp_path, CANVAS, "canvas", [graded(student, "Ada")])
    assert text == CANVAS.replace("ada,Group 1,,4", "ada,Group 1,35.00,4")  # 17.5/35 of 70
    assert "1 marks for 3 students in column Open-set lab (4711)" in report
    assert "in the file and not in the gradebook (2): Boole, George (102, S-2, george)" in report


def test_canvas_names_what_was_there_and_who_is_missing(tmp_path: Path):
    grades = [graded("george"), graded("Ada Lovelace", "Ada Lovelace")]  # no id is a name
    text, report = filled(tmp_path, CANVAS, "canvas", grades)
    assert text == CANVAS.replace("Group 1,12,", "Group 1,35.00,")
    assert "had another mark there (1): Boole, George (102, S-2, george): 12 → 35.00" in report
    assert "in the gradebook and not in the file (1): Ada Lovelace (Ada Lovelace)" in report


def test_a_file_of_another_course_says_by_what_was_looked_for(tmp_path: Path):
    _, report = filled(tmp_path, CANVAS, "canvas", [graded("s1"), graded("s2")])
    assert "nobody was found by ID, SIS User ID, SIS Login ID: another course" in report
    assert "nobody was found" not in filled(tmp_path, CANVAS, "canvas", [graded("ada")])[1]


def test_canvas_without_points_possible(tmp_path: Path):
    template = "\n".join(CANVAS.splitlines()[:1] + CANVAS.splitlines()[3:])
    text, report = filled(tmp_path, template, "canvas", [graded("101")])
    assert "Group 1,17.50,4" in text
    assert "does not say what a full mark is worth" in report


def test_canvas_with_several_assignments(tmp_path: Path):
    template = CANVAS.replace("Open-set lab (4711)", "Lab A (4711)")
    with pytest.raises(UsageError, match=r"several assignments.*Lab A \(4711\), Quiz \(12\)"):
        filled(tmp_path, template, "canvas", [graded("101")])
    text, _ = filled(tmp_path, template, "canvas", [graded("101")], column="quiz (12)")
    assert text == template.replace("Group 1,,4,", "Group 1,,2.50,")
    with pytest.raises(UsageError, match="no such column"):
        filled(tmp_path, template, "canvas", [graded("101")], column="Lab C")


def test_canvas_in_another_language(tmp_path: Path):
    template = CANVAS.replace("SIS User ID,SIS Login ID", "ID de usuario,ID de sesión").replace(
        "Points Possible", "Puntos posibles"
    )
    text, _ = filled(tmp_path, template, "canvas", [graded("ada")], id_columns=("ID de sesión",))
    assert "ada,Group 1,35.00,4" in text


def test_an_id_of_two_students(tmp_path: Path):
    template = CANVAS.replace("102,S-2", "102,101")
    with pytest.raises(
        UsageError, match=r"101 may be Lovelace, Ada .* or Boole, George .*--id-column"
    ):
        filled(tmp_path, template, "canvas", [graded("101")])
    text, _ = filled(tmp_path, template, "canvas", [graded("101")], id_columns=("ID",))
    assert "ada,Group 1,35.00" in text
    with pytest.raises(UsageError, match=r"lines 4 and 5 .* two students with one id"):
        filled(tmp_path, CANVAS.replace("102,", "101,"), "canvas", [])
    with pytest.raises(UsageError, match=r"ada and S-1 .* two students with one id"):
        filled(tmp_path, CANVAS, "canvas", [graded("ada"), graded("S-1")])


@pytest.mark.parametrize(
    "student", ["101", "Participant 101", "participant 101", "Ada@example.org"]
)
def test_moodle_by_identifier_or_address(tmp_path: Path, student: str):
    text, report = filled(tmp_path, MOODLE, "moodle", [graded(student)])
    feedback = "Points by task: Threshold 15/15; Open-set accuracy 2.5/20."
    assert text == MOODLE.replace(
        'grading",,"10.00",Yes,"Monday, 1",-,',
        f'grading",5.00,"10.00",Yes,"Monday, 1",-,{feedback}',
    )
    assert "(2): George Boole (Participant 102, george@example.org)" in report


def test_moodle_leaves_locked_rows_and_others_feedback_alone(tmp_path: Path):
    text, report = filled(tmp_path, MOODLE, "moodle", [graded("102"), graded("103")])
    assert text == MOODLE.replace(
        'zoe@example.org",Submitted,,', 'zoe@example.org",Submitted,5.00,'
    )
    assert "locked, so left alone (1): George Boole" in report
    assert "feedback by somebody else, left alone (1): Zoë" in report


def test_a_word_for_locked_that_is_not_known_locks(tmp_path: Path):
    template = MOODLE.replace(",Yes,", ",Quizás,")
    text, report = filled(tmp_path, template, "moodle", [graded("101")])
    assert text == template
    assert (
        "left alone (1): Ada Lovelace (Participant 101, ada@example.org), whose mark is" in report
    )


def test_filling_in_again_replaces_our_own_text(tmp_path: Path):
    once, _ = filled(tmp_path, MOODLE, "moodle", [graded("101")])
    twice, report = filled(tmp_path, once, "moodle", [graded("101", record=make_record())])
    assert "Open-set accuracy 20/20." in twice
    assert twice.count("Points by task") == 1
    assert "5.00 → 10.00" in report


def test_feedback_says_no_hidden_figure_and_not_the_reason(tmp_path: Path):
    late = Adjustment(-7.0, True, "copied from George", "Kim", "2026")
    record = make_record(HALF, hidden=True)
    text, _ = filled(tmp_path, MOODLE, "moodle", [graded("101", record=record, adjustment=late)])
    line = text.splitlines()[1]
    assert 'grading",3.00,' in line  # (17.5 - 7)/35 of 10
    assert "Threshold 15/15; Open-set accuracy on hidden data. -7 points by the instructor." in line
    for secret in ("2.5", "20", "George", "Kim"):
        assert secret not in line


def test_no_mark_where_the_grader_failed(tmp_path: Path):
    broken = graded("101", record=make_record(status="grader_error"))
    text, report = filled(tmp_path, MOODLE, "moodle", [broken])
    assert text == MOODLE
    assert "without a mark, so left alone (1): Ada Lovelace (Participant 101, ada@" in report
    assert report.splitlines()[-1].endswith(": grader_error")


GERMAN = (
    "\ufeffID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;"
    "Bewertung kann geändert werden;Feedback als Kommentar\r\n"
    "Teilnehmer/in101;Ada;ada@example.org;Abgegeben;;70,00;Ja;\r\n"
    "Teilnehmer/in102;George;george@example.org;Abgegeben;;70,00;Nein;\r\n"
)
FRENCH = (
    "Identifiant\tNom complet\tAdresse de courriel\tStatut\tNote\tNote maximale\t"
    "La note peut être modifiée\tDernière modification (note)\tFeedback par commentaires\n"
    "Participant101\tAda\tada@example.org\t-\t\t70,00\tOui\t-\t\n"
    "Participant102\tGeorge\tgeorge@example.org\t-\t\t70,00\tNon\t-\t\n"
)
SPANISH = (
    '"Identificador","Nombre completo","Dirección de correo","Estado","Calificación",'
    '"Calificación máxima","La calificación puede ser cambiada",'
    '"Comentarios de retroalimentación"\n'
    '"Participante 101","Ada","ada@example.org","Enviado","","70,00","Sí",""\n'
    '"Participante 102","George","george@example.org","Enviado","","70,00","No",""\n'
)
CZECH = (  # no title of it is known
    "Identifikátor;Celé jméno;E-mail;Stav;Známka;Maximum;Lze změnit\n"
    "Účastník 101;Ada;ada@example.org;x;;70,00;Ano\n"
    "Účastník 102;George;george@example.org;x;;70,00;Ne\n"
)


CZECH_OPTIONS = {"id_columns": ("E-mail", "identifikátor"), "column": "Známka"}


@pytest.mark.parametrize(
    ("template", "options", "encoding"),
    [
        *((template, {}, encoding)
          for template in (GERMAN, FRENCH, SPANISH) for encoding in ("utf-8", "utf-16", "cp1252")),
        *((CZECH, CZECH_OPTIONS, encoding) for encoding in ("utf-8", "utf-16")),
    ],
)  # fmt: skip
def test_moodle_in_other_languages(tmp_path: Path, template: str, options: dict, encoding: str):
    if not encoding.startswith("utf"):
        template = template.lstrip("\ufeff")
    grades = [graded("ada@example.org"), graded("george@example.org")]
    result, report = filled(tmp_path, template.encode(encoding), "moodle", grades, **options)
    text = result.decode(encoding)
    assert "35,00" in text
    assert "locked, so left alone (1)" in report
    feedback = "Points by task: Threshold 15/15; Open-set accuracy 2.5/20."
    assert (feedback in text) == (template is not CZECH)
    if ";" in template:
        feedback = f'"{feedback}"'  # it holds what parts the cells
    assert text.replace("35,00", "").replace(feedback, "") == template


def test_moodle_with_a_scale_instead_of_points(tmp_path: Path):
    with pytest.raises(UsageError, match="'Pass, Fail', no number of points"):
        filled(tmp_path, MOODLE.replace("10.00", "Pass, Fail"), "moodle", [graded("101")])


@pytest.mark.parametrize("kind", ["canvas", "moodle"])
def test_a_file_of_something_else(tmp_path: Path, kind: str):
    with pytest.raises(UsageError, match=r"--id-column; there are name, mark"):
        filled(tmp_path, "name,mark\nAda,1\n", kind, [graded("101")])
    with pytest.raises(UsageError, match=r"--(grade-)?column"):
        filled(tmp_path, "ID,mark\n101,1\n", kind, [graded("101")])


def test_a_row_that_is_too_short(tmp_path: Path):
    template = CANVAS.replace('"Lovelace, Ada",101,S-1,ada,Group 1,,4,80', '"Lovelace, Ada",101')
    with pytest.raises(UsageError, match="line 4 of the template is shorter"):
        filled(tmp_path, template, "canvas", [graded("101")])


def test_hostile_names_are_said_in_one_line(tmp_path: Path):
    template = CANVAS.replace('"Lovelace, Ada"', '"Love\x1b[2Jlace\n::error::, Ada"')
    text, report = filled(tmp_path, template, "canvas", [graded("x\x1b[2J\n::error::y")])
    assert text == template
    assert "\x1b" not in report
    assert not [line for line in report.splitlines() if line.startswith("::")]


def test_a_mark_above_the_maximum_is_named(tmp_path: Path):
    bonus = Adjustment(40.0, False, "bonus", "", "2026")
    text, report = filled(tmp_path, CANVAS, "canvas", [graded("101", adjustment=bonus)])
    assert "ada,Group 1,80.00,4" in text
    assert "above the maximum there (1): Lovelace, Ada" in report


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", 10), ("10.00", 10), ("10,50", 10.5), (" 7 ", 7), ("", None), ("-", None),
     ("-1", None), ("1e3", None), ("nan", None), ("(read only)", None), ("1.000,00", None)],
)  # fmt: skip
def test_numbers_of_others(text: str, value: float | None):
    assert parse_points(text) == value


def test_numbers_for_others():
    assert format_points(8.125, "10.00") == "8.12"
    assert format_points(8.5, "10,00") == "8,50"
