"""JUnit's XML, one suite, one case a check; the points stand in the suite's properties."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from .checks import all_checks, fault, feedback, is_final
from .escape import dump_xml, points, xml

ERRORS = ("error", "timeout", "crashed", "out_of_memory", "grader_error")


def render(record: dict[str, Any]) -> str:
    """The file; of a record that is no grade without a score, and with one error at least."""
    checks = all_checks(record)
    final = is_final(record)
    suite = ET.Element(
        "testsuite",
        name="open-set-lab",
        time=f"{record['duration_s']:.3f}",
        timestamp=xml(record["started_at"].removesuffix("Z")),
    )
    _add_properties(suite, record)
    for task in record["tasks"]:
        for check in task["checks"]:
            _add_case(suite, task["id"], check)
    if not final and not any(check["status"] == "grader_error" for check in checks):
        case = ET.SubElement(suite, "testcase", classname="grader", name="grader", time="0.000")
        ET.SubElement(case, "error", type="grader_error", message=xml(fault(record)))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(kind) is not None for case in cases)))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return f"{dump_xml(text.decode())}\n"


def _add_properties(suite: ET.Element, record: dict[str, Any]) -> None:
    """`points.ID` is what a check is worth, `score.ID` what it earned."""
    properties = ET.SubElement(suite, "properties")
    values = {
        "submission": record["submission"]["name"],
        "data": record["data"],
        "tier": record["tier"],
        "status": record["status"],
        "max_score": points(record["max_score"]),
        **{f"points.{c['id']}": points(c["max_score"]) for c in all_checks(record)},
    }
    if is_final(record):
        values["score"] = points(record["score"])
        values |= {f"score.{c['id']}": points(c["score"]) for c in all_checks(record)}
    for name, value in values.items():
        ET.SubElement(properties, "property", name=xml(name), value=xml(value))


def _add_case(suite: ET.Element, task: str, check: dict[str, Any]) -> None:
    status = check["status"]
    case = ET.SubElement(
        suite,
        "testcase",
        classname=xml(task),
        name=xml(check["id"].removeprefix(f"{task}.")),
        time=f"{check['duration_s']:.3f}",
    )
    if status == "passed":
        return
    message = xml(check["message"]) or status
    if status == "skipped":
        ET.SubElement(case, "skipped", message=message)
        return
    if status not in ERRORS:
        message = f"{points(check['score'])}/{points(check['max_score'])} {message}"
    kind = "error" if status in ERRORS else "failure"
    ET.SubElement(case, kind, type=status, message=message).text = xml(
        "\n".join((check["title"], feedback(check)))
    )
