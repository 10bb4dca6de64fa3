"""Reading the formats back, independently of what wrote them."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema

from grader.emit import Settings, emit
from tests.grader.schema import load_strict

SCHEMAS = Path(__file__).parent / "schemas"
RUNNER = {
    "CLASSROOM": "cs", "ASSIGNMENT": "osr", "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://x/c", "RELEASE_URL": "https://x/r", "REVIEW_URL": "https://x/v",
}  # fmt: skip
CASE = {"passed": None, "skipped": "skipped"} | dict.fromkeys(
    ("error", "timeout", "crashed", "out_of_memory", "grader_error"), "error"
)


def written(record: dict[str, Any], kind: str, **settings: Any) -> str:
    return emit(record, kind, Settings(environment=RUNNER, **settings))


def read(text: str, kind: str) -> dict[str, Any]:
    """Parse a format made of JSON and validate it."""
    if kind == "github":
        assert text.count("\n") == 1
        text = base64.b64decode(text.strip(), validate=True).decode()
    data = load_strict(text.splitlines()[-1] if kind == "autolab" else text)
    validate(data, kind)
    return data


def validate(data: dict[str, Any], kind: str) -> None:
    schema = json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema, cls=jsonschema.Draft202012Validator)


def read_junit(text: str) -> tuple[ET.Element, dict[str, str]]:
    """Parse JUnit's XML, check its structure, and give its suite and properties."""
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    (suite,) = root
    assert suite.tag == "testsuite"
    assert set(suite.attrib) == {
        "name", "time", "timestamp", "tests", "failures", "errors", "skipped",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    first, *cases = suite
    assert first.tag == "properties"
    assert all(p.tag == "property" and set(p.attrib) == {"name", "value"} for p in first)
    properties = {p.attrib["name"]: p.attrib["value"] for p in first}
    assert len(properties) == len(first)
    counted = {"failure": 0, "error": 0, "skipped": 0}
    for case in cases:
        assert case.tag == "testcase"
        assert set(case.attrib) == {"classname", "name", "time"}
        assert float(case.attrib["time"]) >= 0
        assert len(case) <= 1
        for child in case:
            counted[child.tag] += 1
            assert child.attrib["message"]
    assert int(suite.attrib["tests"]) == len(cases)
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.attrib[name]) == counted[tag]
    return suite, properties
