"""The gradebook as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.gradebook import Adjustment, Grade, GradeKey
from grader.gradebook.tables import as_text, to_csv, to_json
from tests.grader.gradebook.builders import make_record

LATE = Adjustment(-5.0, True, "=late", "Kim", "2026-01-02T00:00:00Z")
BROKEN = make_record(status="grader_error")
GRADES = [
    Grade("ada", "Ada", "2", "a.zip", GradeKey("w", "g", "d"), make_record(), 7, "2026", 1, LATE),
    Grade("@bob", "=1+1", "", "+b", GradeKey("w", "g", "d"), BROKEN, 8, "2026"),
]


def test_csv_has_marks_tasks_and_adjustments():
    ada, bob = csv.DictReader(io.StringIO(to_csv(GRADES)))
    assert (ada["score"], ada["adjustment"], ada["final_score"]) == ("35", "add -5", "30")
    assert (ada["threshold"], ada["accuracy"], ada["max_score"]) == ("15", "20", "35")
    assert (bob["status"], bob["score"], bob["final_score"]) == ("grader_error", "", "")


def test_no_cell_of_a_students_is_a_formula():
    ada, bob = csv.DictReader(io.StringIO(to_csv(GRADES)))
    assert (ada["reason"], bob["student"], bob["name"], bob["source"]) == (
        "'=late", "'@bob", "'=1+1", "'+b",
    )  # fmt: skip


@given(st.text())
def test_text_is_text_to_a_spreadsheet(text: str):
    cell = as_text(text)
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert cell.lstrip()[:1] not in {"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"}
    assert cell[:1] not in {"\t", "\r"}


def test_json_has_both_scores_and_the_record():
    data = json.loads(to_json(GRADES))
    assert data["schema"] == "osr-grades/1"
    ada, bob = data["grades"]
    assert (ada["score"], ada["final_score"], ada["adjustment"]["points"]) == (35.0, 30.0, -5.0)
    assert ada["record"] == make_record()
    assert ada["key"] == {"submission": "w", "grader": "g", "data": "d"}
    assert (bob["score"], bob["final_score"], bob["adjustment"]) == (None, None, None)


@pytest.mark.parametrize("write", [to_csv, to_json])
def test_an_empty_gradebook(write):
    assert write([]).endswith("\n")
