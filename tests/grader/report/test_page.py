"""The page says what the student's copy of the record says, and obeys nothing in it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.console import METRIC_TITLES
from grader.emit.student_copy import for_student
from grader.gallery.gallery import nothing
from grader.pages.environment import points
from grader.published import load_published
from grader.report.page import CAUSE, STATUS_WORDS, render_report
from grader.text import printable
from tests.grader.records import HOSTILE, SECRET, records
from tests.grader.report.galleries import CONFUSION, FAMILY, GALLERY
from tests.grader.report.html import Element, read_page

Json = dict[str, Any]
few = settings(max_examples=25)  # each draws a whole record
galleries = st.sampled_from((None, GALLERY, nothing("no <weights>")))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def checks_of(record: Json) -> list[Json]:
    return [check for task in record["tasks"] for check in task["checks"]]


@few
@given(records(), galleries)
def test_every_check_is_there_with_all_that_is_said_of_it(record: Json, gallery: Any) -> None:
    page = read_page(render_report(record, gallery))
    for task in for_student(record)["tasks"]:
        (part,) = [
            section
            for section in page.all("section", class_="task")
            if section.attributes["aria-labelledby"] == f"task-{task['id']}"
        ]
        heading = squeezed(part.one("h3").text())
        assert f"{points(task['score'])} of {points(task['max_score'])} points" in heading
        for check in task["checks"]:
            line = part.one("li", id=check["id"])
            said = squeezed(line.text())
            assert squeezed(printable(check["title"])) in said
            assert STATUS_WORDS[check["status"]] in squeezed(line.one("p", class_="result").text())
            assert f"{points(check['score'])} of {points(check['max_score'])}" in said
            for words in printable(check["message"]).split(CAUSE):
                assert squeezed(words) in squeezed(part.text())
            hints = [item.text() for item in line.all("li") if item is not line]
            assert hints == [printable(hint) for hint in check["hint"].splitlines()]


@few
@given(records())
def test_totals_agree_with_the_record(record: Json) -> None:
    page = read_page(render_report(record))
    total = f"{points(record['score'])} of {points(record['max_score'])}"
    is_mark = record["status"] == "graded"
    shown = f"{total} points" if is_mark else "No mark"  # which is not zero
    assert squeezed(page.one("h2", id="score").text()) == shown
    rows = [squeezed(item.text()) for item in page.one("ul", class_="tasks").all("li")]
    assert rows == [
        f"{task['title']} {points(task['score'])} of {points(task['max_score'])}"
        for task in record["tasks"]
    ]
    assert len(page.all("li", class_="whole")) == len(checks_of(record))
    assert ("This is no mark" in page.text()) == (record["status"] == "grader_error")


@few
@given(records(), galleries)
def test_nothing_in_a_record_is_markup_or_a_command(record: Json, gallery: Any) -> None:
    plain = read_page(render_report(_harmless(record), gallery))
    text = render_report(record, gallery)
    page = read_page(text)
    assert _outline(page) == _outline(plain)  # the same elements, whatever the words are
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    text.encode("utf-8")


@few
@given(records(), galleries)
def test_a_page_needs_nothing_else(record: Json, gallery: Any) -> None:
    page = read_page(render_report(record, gallery))
    ids = {element.attributes["id"] for element in page.all() if "id" in element.attributes}
    for element in page.all():
        for name in ("src", "href", "action", "srcset", "xlink:href"):
            if name in element.attributes:
                value = element.attributes[name]
                assert value.startswith("data:") or value.removeprefix("#") in ids, value
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]


@few
@given(records(tier="hidden"), galleries)
def test_a_hidden_grade_says_what_the_students_copy_says(record: Json, gallery: Any) -> None:
    text = render_report(record, gallery)
    assert SECRET not in text
    assert "The model" not in read_page(text).text()
    for title in METRIC_TITLES.values():
        assert title not in text
    assert "Flag" not in text


def test_the_model_stands_beside_the_reference_and_published_systems() -> None:
    record = _record() | {"data": "mnist"}
    page = read_page(render_report(record))
    rows = [squeezed(row.text()) for row in page.all("tr")]
    assert rows[1] == "this submission96.00 %91.00 %94.00 %97.00 %98.50 %"
    assert rows[2].startswith("the reference97.00 %")
    for system in load_published("mnist"):
        (row,) = [row for row in rows if f"published: {system.name}" in row]
        assert f"{100 * system.known_accuracy:.2f} %" in row
        assert f"{100 * system.unknown_accuracy:.2f} %" in row
    assert "of their authors' own choice" in page.text()
    assert "published" not in read_page(render_report(record | {"data": "digits"})).text()


def test_the_pictures_are_the_gallerys() -> None:
    page = read_page(render_report(_record(), GALLERY))
    table = page.one("table", class_="confusion")
    counts = [[int(cell.text() or 0) for cell in row.all("td")[:-1]] for row in table.all("tr")[1:]]
    assert counts == [list(row) for row in CONFUSION]
    pairs = [pair.attributes["aria-label"] for pair in page.all("span", class_="pair")]
    assert pairs == [
        "3, called 3", "4, called unknown", "letters, called unknown",
        f"{printable(FAMILY)}, called 7",
    ]  # fmt: skip
    boxes = [image.attributes["viewbox"] for image in page.all("svg", class_="image")]
    assert boxes == [f"{28 * n} {28 * row} 28 28" for n in range(4) for row in (0, 1)]
    charts = page.all("svg", class_="plot")
    assert [chart.one("title").text().partition(":")[0] for chart in charts] == [
        "Scores of known and unknown images", "ROC", "OSCR", "Neighbours",
    ]  # fmt: skip
    for chart in charts:
        assert chart.attributes["role"] == "img"
        assert len(chart.all("text", class_="axis-title")) == 2
    assert "threshold 0.25" in charts[0].text()
    known, unknown = charts[3].all("g", class_="glyphs")
    assert [text.text() for text in known.all("text")] == ["77"]
    assert [text.text() for text in unknown.all("text")] == ["+"]


def test_what_is_missing_says_why() -> None:
    less = replace(
        GALLERY, missing={"reconstructions": "it <raised>", "neighbours": "nan", "scores": "inf"},
        redrawn=False, scores=None, curves=None, neighbours=None,
    )  # fmt: skip
    page = read_page(render_report(_record(), less))
    for reason in less.missing.values():
        assert f"Not shown: {reason}" in page.text()
    assert page.all("svg", class_="plot") == []
    assert len(page.all("svg", class_="image")) == 4
    none = read_page(render_report(_record(), nothing("no <weights>")))
    assert "There are none: no <weights>." in squeezed(none.text())


def test_where_to_go_on_is_the_first_check_that_lost_points() -> None:
    record = _record(status="failed", message="it is 3, expected 4. Likely cause: a <sign>")
    block = read_page(render_report(record)).one("section", class_="next")
    assert "it is 3, expected 4" in block.text()
    assert "Likely cause: a <sign>" in squeezed(block.text())
    assert block.one("a").attributes["href"] == "#threshold.reject"
    assert not read_page(render_report(_record())).all("section", class_="next")


def test_a_submission_that_could_not_be_opened() -> None:
    record = _record(status="skipped", message="notes.zip is damaged") | {"status": "unusable"}
    page = read_page(render_report(record, nothing("nothing was graded")))
    assert "could not be opened" in page.text()
    assert "notes.zip is damaged" in page.text()


def test_a_page_is_small() -> None:
    assert len(render_report(_record(), GALLERY).encode()) < 40_000


@pytest.mark.parametrize("text", [*HOSTILE, "w" * 5000, "</style><script>alert(1)</script>"])
def test_a_hostile_name_changes_no_element(text: str) -> None:
    record = _record()
    record["submission"] = record["submission"] | {"name": text}
    page = read_page(render_report(record, GALLERY))
    assert _outline(page) == _outline(read_page(render_report(_record(), GALLERY)))
    assert page.one("h1").text() == printable(text)
    assert len(page.all("script")) == 1


def test_where_to_go_on_is_what_the_terminal_says() -> None:
    """In the sheet's order of tasks, and what is written and wrong before a stub."""
    record = _record(status="failed")
    wrong = record["tasks"][0]["checks"][0]
    stub = wrong | {"id": "threshold.error_value", "status": "not_implemented"}
    record["tasks"][0]["checks"] = [stub, wrong]
    other = {"id": "autoencoder.shapes", "status": "failed"}
    record["tasks"].insert(0, record["tasks"][0] | {"id": "autoencoder", "checks": [wrong | other]})
    block = read_page(render_report(record)).one("section", class_="next")
    assert block.one("a").attributes["href"] == "#threshold.reject"
    assert "hints" not in block.text()  # it has none


def _record(status: str = "passed", message: str = "") -> Json:
    score = 3.0 if status == "passed" else 0.0
    accuracies = ("known_accuracy", "unknown_accuracy", "total_accuracy", "closed_set_accuracy")
    metrics = dict(zip(accuracies, (0.96, 0.91, 0.94, 0.97), strict=True))
    check = {
        "id": "threshold.reject", "title": "Strictly above", "status": status, "score": score,
        "max_score": 3.0, "message": message, "hint": "", "duration_s": 0.1,
        "visibility": "visible",
    }  # fmt: skip
    return {
        "schema": "osr-grade/1",
        "submission": {"name": "ada", "sha256": "ab" * 32},
        "data": "digits", "tier": "public", "score": score, "max_score": 3.0, "status": "graded",
        "sandbox": "bwrap",
        "tasks": [{
            "id": "threshold", "title": "Threshold", "score": score, "max_score": 3.0,
            "checks": [check],
        }],
        "metrics": metrics | {"auroc": 0.985, "per_family": {"letters": 0.9}},
        "memorisation": None, "flags": [], "training": None,
        "reference": {"known_accuracy": 0.97, "per_family": {}},
        "environment": {"python": "3.11.7", "versions": {"torch": "2.13.0"}},
        "notes": [], "not_run": ["hidden test data"],
        "started_at": "2026-11-20T12:00:00Z", "duration_s": 4.0,
    }  # fmt: skip


def _harmless(record: Json) -> Json:
    """The record with a word in the place of every text of a student's that is not empty."""
    plain = record | {
        "submission": record["submission"] | {"name": "x"},
        "notes": [note if note.startswith("data: ") else "x" for note in record["notes"]],
    }
    messages = {check["message"] for check in checks_of(record)}
    words = {text: f"m{number}" if text else "" for number, text in enumerate(sorted(messages))}
    plain["tasks"] = [
        task
        | {
            "checks": [
                check | {"title": "x", "message": words[check["message"]]}
                for check in task["checks"]
            ]
        }
        for task in record["tasks"]
    ]
    return plain


def _outline(element: Element) -> list[Any]:
    """Tags and classes, without the words."""
    return [
        element.tag,
        element.attributes.get("class", ""),
        [_outline(child) for child in element.children if isinstance(child, Element)],
    ]
