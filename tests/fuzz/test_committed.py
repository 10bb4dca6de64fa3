"""The committed run: a million cases, no fault, and of the targets that there are."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fuzz.campaign import SCHEMA, TARGETS

SOAK = json.loads((Path(__file__).parent / "soak.json").read_text(encoding="utf-8"))


def test_a_million_cases_without_a_fault() -> None:
    assert SOAK["schema"] == SCHEMA
    assert SOAK["cases"] == sum(entry["cases"] for entry in SOAK["targets"]) >= 1_000_000
    assert all(entry["faults"] == [] for entry in SOAK["targets"])
    assert all(e["accepted"] + e["refused"] == e["cases"] for e in SOAK["targets"])


def test_of_every_target_there_is() -> None:
    assert [entry["target"] for entry in SOAK["targets"]] == [target.name for target in TARGETS]


def test_no_case_took_more_memory_than_a_submission_may() -> None:
    assert all(entry["peak_mb"] < 256 for entry in SOAK["targets"])


def test_figures_say_how_they_were_measured() -> None:
    assert set(SOAK["machine"]) == {"platform", "processor", "cores", "python", "versions"}
    assert SOAK["command"].startswith("python -m tests.fuzz --cases ")
