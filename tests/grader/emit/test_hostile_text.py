"""What a student wrote changes no format: no command, no markup, no broken file, no secret."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from grader.emit import KINDS, for_student
from grader.emit.escape import command_data, command_property, markdown
from grader.emit.github import annotate
from grader.emit.prairielearn import LARGEST
from grader.emit.student_copy import FAULT, student_record
from grader.errors import GraderError
from tests.grader.emit.formats import read, read_junit, written
from tests.grader.records import SECRET, records, texts
from tests.grader.test_record import METRICS, check, failed, record

Json = dict[str, Any]
few = settings(max_examples=25)  # each draws a whole record
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def decoded(text: str) -> str:
    """What a GitHub runner makes of a command's data."""
    for token, character in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(token, character)
    return text


def lines_of(text: str) -> list[str]:
    """Lines as the strictest reader would split them."""
    return re.split("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text)


@pytest.mark.parametrize("kind", KINDS)
@few
@given(record=records())
def test_no_line_is_a_workflow_command(kind: str, record: Json) -> None:
    try:
        text = written(record, kind)
    except GraderError as error:
        text = str(error)
    for line in lines_of(text):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


@few
@given(records())
def test_annotations_are_only_ours(record: Json) -> None:
    for line in annotate(for_student(record), "assignment").splitlines():
        found = re.fullmatch(r"::(error|notice) ([^:]*)::(.*)", line)
        assert found, line
        for part in found[2].split(","):
            assert re.fullmatch(r"title=.*|line=[1-9]\d*|file=assignment/[A-Za-z_]\w*\.py", part), (
                part
            )
        assert "##[" not in line


@given(texts())
def test_a_command_shows_the_text(text: str) -> None:
    assert "\n" not in command_data(text)
    assert not set("\n\r:,") & set(command_property(text))
    assert "%0A" in command_data("a\nb")
    assert decoded(command_data("100%0A\nb %25")) == "100%0A\nb %25"


@given(texts())
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    escaped = markdown(text)
    assert "\n" not in escaped
    for source in (escaped, f"- {escaped}"):
        tokens = [t for t in PARSER.parse(source) if t.content]
        assert [t.type for t in tokens] in (["inline"], [])
        inline = [child for t in tokens for child in t.children or []]
        assert {child.type for child in inline} <= {"text", "text_special"}
    row = PARSER.render(f"| a | b |\n|---|---|\n| {escaped} | end |\n")
    assert row.count("<td") == 2
    assert "<td>end</td>" in row


@few
@given(records())
def test_markdown_has_our_structure_only(record: Json) -> None:
    allowed = {
        "heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list",
        "list_item", "blockquote", "inline",
    }  # fmt: skip
    for token in PARSER.parse(written(record, "markdown")):
        assert re.sub("_(open|close)$", "", token.type) in allowed
        for child in token.children or []:
            assert child.type in ("text", "text_special", "strong_open", "strong_close")


@few
@given(records(broken=False))
def test_junit_survives_every_character(record: Json) -> None:
    read_junit(written(record, "junit"))


def test_prairielearn_stays_below_its_limit() -> None:
    check = {
        "id": "a.b", "title": "t", "status": "failed", "score": 0, "max_score": 1,
        "message": "\U0001f600" * 1990, "hint": "", "duration_s": 0, "visibility": "visible",
    }  # fmt: skip
    tasks = [{"id": "a", "title": "A", "score": 0, "max_score": 400, "checks": [check] * 400}]
    record = {
        "status": "graded", "tier": "public", "tasks": tasks, "score": 0, "max_score": 400,
        "notes": [], "environment": {},
    }  # fmt: skip
    text = written(record, "prairielearn")
    assert len(text.encode()) <= LARGEST
    assert len(read(text, "prairielearn")["tests"]) == 400


class TestWhatStudentsRead:
    """Of hidden data points and statuses, no figure and no name."""

    @few
    @given(records(tier="hidden"))
    def test_their_copy(self, record: Json) -> None:
        before = json.dumps(record)
        shown = for_student(record)
        assert json.dumps(record) == before
        assert SECRET not in json.dumps(shown)
        assert set(shown) == set(record)
        assert shown["metrics"] is None
        assert shown["memorisation"] is None
        assert (shown["score"], shown["max_score"]) == (record["score"], record["max_score"])
        for task in shown["tasks"]:
            for one in task["checks"]:
                assert one["status"] != "grader_error" or one["message"] == FAULT

    @few
    @given(records(tier="public"))
    def test_public_figures_stay(self, record: Json) -> None:
        shown = for_student(record)
        assert shown["metrics"] == record["metrics"]
        assert shown["tasks"] == record["tasks"]

    @pytest.mark.parametrize("kind", [k for k in KINDS if k != "gradescope"])
    @few
    @given(record=records(tier="hidden", broken=False))
    def test_formats(self, kind: str, record: Json) -> None:
        text = written(record, kind)
        if kind == "github":
            text = json.dumps(read(text, kind)) + annotate(for_student(record), "a")
        assert SECRET not in text
        assert "rejected" not in text

    @few
    @given(records(tier="hidden", broken=False))
    def test_gradescope_tells_the_instructor_alone(self, record: Json) -> None:
        data = read(written(record, "gradescope"), "gradescope")
        assert data["stdout_visibility"] == "hidden"
        assert data["extra_data"].pop("flags") == record["flags"]
        assert data["extra_data"].pop("metrics") == record["metrics"]
        data.pop("extra_data")
        assert SECRET not in json.dumps(data)
        for test in data["tests"]:
            hidden = test["tags"] == ["accuracy"]
            assert test["visibility"] == ("after_published" if hidden else "visible")

    @pytest.mark.parametrize("tier", ["hidden", "public"])
    def test_the_terminals_copy_is_the_same(self, tier: str) -> None:
        made = record(
            check(), failed("z", status="grader_error", message=SECRET), tier=tier,
            metrics=METRICS, notes=("data: x", "missing: y"), flags=("f",),
            environment={"python": "3", "cpus": 2},
        )  # fmt: skip
        assert student_record(made).to_json() == for_student(made.to_json())
