"""Every format validates, and says the record's scores."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given, settings

from grader.emit import KINDS
from grader.errors import GraderError
from tests.grader.emit.formats import CASE, read, read_junit, written
from tests.grader.records import records
from tests.grader.schema import assert_schema

Json = dict[str, Any]
GRADED = records(broken=False)
few = settings(max_examples=25)  # each draws a whole record


def checks_of(record: Json) -> list[Json]:
    return [check for task in record["tasks"] for check in task["checks"]]


def near(a: float, b: float) -> bool:
    return math.isclose(a, b, abs_tol=1e-6)


@few
@given(records())
def test_the_strategy_makes_records(record: Json) -> None:
    assert_schema(record)


@few
@given(GRADED)
def test_gradescope(record: Json) -> None:
    data = read(written(record, "gradescope"), "gradescope")
    assert near(sum(test["score"] for test in data["tests"]), record["score"])
    assert near(sum(test["max_score"] for test in data["tests"]), record["max_score"])
    assert "score" not in data, "it would show the total of checks that are not published"
    for test, check in zip(data["tests"], checks_of(record), strict=True):
        assert test["score"] == check["score"]
        assert test["status"] == ("passed" if check["status"] == "passed" else "failed")
    assert len({test["number"] for test in data["tests"]}) == len(data["tests"])


@few
@given(GRADED)
def test_classroom50(record: Json) -> None:
    data = read(written(record, "classroom50"), "classroom50")
    assert data["score"] == sum(test["score"] for test in data["tests"])
    assert data["max-score"] == sum(test["max-score"] for test in data["tests"])
    assert data["score"] == math.floor(round(record["score"], 2) + 0.5)
    assert data["max-score"] == math.floor(record["max_score"] + 0.5)
    for test, check in zip(data["tests"], checks_of(record), strict=True):
        assert test["test-name"] == check["id"]
        assert test["passed"] == (check["status"] == "passed")
        assert test["score"] <= test["max-score"]
        assert abs(test["max-score"] - check["max_score"]) < 1
        assert abs(test["score"] - check["score"]) <= 1


@few
@given(GRADED)
def test_github(record: Json) -> None:
    data = read(written(record, "github"), "github")
    assert near(sum(test["score"] for test in data["tests"]), record["score"])
    assert data["max_score"] == record["max_score"]
    assert (data["status"] == "pass") == near(record["score"], record["max_score"])


@few
@given(GRADED)
def test_prairielearn(record: Json) -> None:
    data = read(written(record, "prairielearn"), "prairielearn")
    assert near(data["score"] * record["max_score"], record["score"])
    assert near(sum(test["points"] for test in data["tests"]), record["score"])
    assert near(sum(test["max_points"] for test in data["tests"]), record["max_score"])


@few
@given(GRADED)
def test_autolab(record: Json) -> None:
    text = written(record, "autolab")
    data = read(text, "autolab")
    assert text.splitlines()[-1].startswith('{"scores"')
    assert data["scores"] == {task["id"]: task["score"] for task in record["tasks"]}
    on_board = [] if record["tier"] == "hidden" else [record["score"]]
    assert data.get("scoreboard", []) == on_board
    assert near(sum(data["scores"].values()), record["score"])


@few
@given(GRADED)
def test_junit(record: Json) -> None:
    suite, properties = read_junit(written(record, "junit"))
    assert near(float(properties["score"]), record["score"])
    assert near(float(properties["max_score"]), record["max_score"])
    checks = checks_of(record)
    assert near(sum(float(properties[f"points.{c['id']}"]) for c in checks), record["max_score"])
    assert near(sum(float(properties[f"score.{c['id']}"]) for c in checks), record["score"])
    for case, check in zip(suite.findall("testcase"), checks, strict=True):
        assert f"{case.attrib['classname']}.{case.attrib['name']}" == check["id"]
        tag = CASE.get(check["status"], "failure")
        assert [child.tag for child in case] == ([tag] if tag else [])
        if tag == "failure":
            earned = re.match(r"([\d.]+)/([\d.]+) ", case[0].attrib["message"])
            assert earned
            assert near(float(earned[1]), check["score"])
            assert near(float(earned[2]), check["max_score"])


@few
@given(GRADED)
def test_markdown(record: Json) -> None:
    text = written(record, "markdown")
    total = re.search(r": ([\d.]+) / ([\d.]+)$", text.splitlines()[0])
    assert total
    assert near(float(total[1]), record["score"])
    assert near(float(total[2]), record["max_score"])
    rows = re.findall(r"^\| [^|]* \| ([\d.]+) \| ([\d.]+) \|", text, re.MULTILINE)[
        : len(record["tasks"])
    ]
    assert near(sum(float(score) for score, _ in rows), record["score"])


@pytest.mark.parametrize("kind", KINDS)
@few
@given(record=records().filter(lambda record: record["status"] == "grader_error"))
def test_a_fault_of_the_graders_is_never_a_zero(kind: str, record: Json) -> None:
    if kind == "classroom50":  # says so by its absence
        with pytest.raises(GraderError):
            written(record, kind)
        return
    text = written(record, kind)
    if kind == "gradescope":
        assert "tests" not in text
        assert "score" not in text
        assert "not your fault" in text
    elif kind == "github":
        data = read(text, kind)
        assert data["status"] == "error"
        assert data["max_score"] == 0
    elif kind == "prairielearn":
        data = read(text, kind)
        assert data["gradable"] is False
        assert "score" not in data
    elif kind == "autolab":
        assert not text.splitlines()[-1].startswith("{")
    elif kind == "junit":
        suite, properties = read_junit(text)
        assert int(suite.attrib["errors"]) > 0
        assert properties["status"] == "grader_error"
        assert not any(name.startswith("score") for name in properties)
    elif kind == "markdown":
        assert ": not graded\n" in text
        tasks = re.findall(r"^\| [^|]* \| ([^|]*) \|", text, re.MULTILINE)[1:]
        assert set(tasks[: len(record["tasks"])]) == {"—"}
    else:  # a new format has its own test; this is the least it says
        assert "not your fault" in " ".join(text.split())
