"""What a regrade changed, and through which checks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.gradebook import Grade, GradeKey
from grader.gradebook.changes import Outcome, changes, compare, same_marks
from grader.gradebook.pages import changes_page
from tests.grader.gradebook.builders import FULL, make_record

scores = st.fixed_dictionaries(
    {name: st.sampled_from([0.0, full / 2, full]) for name, full in FULL.items()}
)


def graded(number: int, record: dict[str, object], key: str = "k", student: str = "ada") -> Grade:
    return Grade(student, "", "", "x", GradeKey(key, "g", "d"), record, number, "2026")


@given(scores, scores)
def test_the_checks_account_for_the_whole_difference(before, after):
    old, new = make_record(before), make_record(after)
    found = changes(old, new)
    assert {change.id for change in found} == {n for n in FULL if before[n] != after[n]}
    assert sum(change.points for change in found) == pytest.approx(new["score"] - old["score"])
    assert same_marks(old, new) == (before == after)
    back = {change.id: change.points for change in changes(new, old)}
    assert back == {change.id: -change.points for change in found}


def test_a_check_that_came_or_went():
    old, new = make_record(), make_record()
    gone = old["tasks"][0]["checks"].pop()
    (change,) = changes(old, new)
    assert (change.id, change.before, change.after) == (gone["id"], None, Outcome("passed", 5.0))
    (change,) = changes(new, old)
    assert (change.before, change.after, change.points) == (Outcome("passed", 5.0), None, -5.0)


def test_another_status_with_the_same_points_is_a_change():
    new = make_record({"threshold.strict": 0.0})
    old = make_record({"threshold.strict": 0.0})
    old["tasks"][0]["checks"][1]["status"] = "timeout"
    (change,) = changes(old, new)
    assert (change.before, change.after) == (Outcome("timeout", 0.0), Outcome("failed", 0.0))


def test_only_those_who_changed_are_named_with_the_cause():
    lower = make_record({"accuracy.known": 4.5})
    before = [
        graded(1, lower, "k1"),
        graded(2, lower, student="bob"),
        graded(3, lower, student="c"),
    ]
    after = [
        graded(4, make_record(), "k2"), graded(2, lower, student="bob"),
        graded(5, lower, student="c"), graded(6, lower, student="new"),
    ]  # fmt: skip
    (change,) = compare(before, after)
    assert (change.student, change.before, change.after, change.points) == ("ada", 19.5, 35.0, 15.5)
    assert change.causes == ("submission",)
    text = "\n".join(changes_page([change], 3, [after[3]], "grade 3"))
    assert "1 of 3 students changed" in text
    assert "ada: 19.5 → 35 (+15.5), because the work changed" in text
    assert "+15.5  accuracy.known: partial 4.5 → passed 20" in text
    assert "for the first time: new" in text


def test_an_outcome_that_is_not_stable_is_said():
    (change,) = compare(
        [graded(1, make_record({"accuracy.known": 0.0}))], [graded(2, make_record())]
    )
    assert change.causes == ()
    assert "not stable" in "\n".join(changes_page([change], 1, [], "grade 1"))


def test_a_grade_in_place_of_a_fault():
    broken = graded(1, make_record(status="grader_error"))
    (change,) = compare([broken], [replace(broken, id=2, record=make_record())])
    assert (change.before, change.after) == (None, 35.0)
    assert "— → 35" in "\n".join(changes_page([change], 1, [], "grade 1"))
