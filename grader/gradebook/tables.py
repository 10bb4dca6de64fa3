"""The gradebook as a table of our own, CSV, and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from .grade import Grade

SCHEMA = "osr-grades/1"
FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")  # full-width ones are signs to some programs


def to_csv(grades: Iterable[Grade]) -> str:
    """One row a student, the points by task among its columns; marks come without a unit.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    grades = list(grades)
    tasks = list(dict.fromkeys(task["id"] for grade in grades for task in grade.record["tasks"]))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ["student", "name", "attempt", "status", "score", "max_score", "adjustment", "reason",
         "final_score", *tasks, "data", "tier", "source", "graded_at", "submission", "grader"]
    )  # fmt: skip
    for grade in grades:
        record, adjustment = grade.record, grade.adjustment
        points = {task["id"]: task["score"] for task in record["tasks"]}
        writer.writerow(
            [
                *map(as_text, (grade.student, grade.name, grade.attempt, record["status"])),
                _number(grade.score), _number(record["max_score"]),
                as_text(adjustment.words if adjustment else ""),
                as_text(adjustment.reason if adjustment else ""),
                _number(grade.final_score), *(_number(points.get(task)) for task in tasks),
                *map(as_text, (str(record.get("data", "")), str(record.get("tier", "")))),
                as_text(grade.source), grade.graded_at, grade.key.submission, grade.key.grader,
            ]
        )  # fmt: skip
    return file.getvalue()


def to_json(grades: Iterable[Grade]) -> str:
    """Every current grade with its record, key and adjustment."""
    data = {"schema": SCHEMA, "grades": [as_dict(grade) for grade in grades]}
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_dict(grade: Grade) -> dict[str, Any]:
    """A grade as JSON has it."""
    return {
        "id": grade.id,
        "student": grade.student,
        "name": grade.name,
        "attempt": grade.attempt,
        "source": grade.source,
        "status": grade.record["status"],
        "score": grade.score,
        "max_score": grade.record["max_score"],
        "adjustment": asdict(grade.adjustment) if grade.adjustment else None,
        "final_score": grade.final_score,
        "graded_at": grade.graded_at,
        "key": asdict(grade.key),
        "record": grade.record,
    }


def as_text(text: str) -> str:
    """A cell that every spreadsheet takes for text."""
    return f"'{text}" if text.lstrip()[:1] in FORMULA or text[:1] in ("\t", "\r") else text


def _number(value: Any) -> str:
    return "" if value is None else f"{float(value):.2f}".rstrip("0").rstrip(".")
