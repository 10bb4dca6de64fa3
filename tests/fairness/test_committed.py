"""The committed figures: every tolerance has room to spare, and no right submission lost a check.

They are measured by hand (`make fairness`); here they are held to what they are there to show.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.rubric import RUBRIC, load_rubric
from tests.fairness import memorisation as gaps
from tests.fairness.conditions import CONDITIONS
from tests.fairness.flakes import SCHEMA as FLAKES_SCHEMA
from tests.fairness.flakes import read_flakes, sentence
from tests.fairness.tolerances import HIGHEST, SCHEMA, broken, read_tolerances, table

README = Path(__file__).parents[1] / "README.md"
MACHINE = {"platform", "processor", "cores", "python", "versions"}
# Checks that may use more of their tolerance than HIGHEST, and why.
EXCEPTIONS: dict[str, str] = {}


def test_every_tolerance_has_four_times_the_room_that_was_needed() -> None:
    near = {
        entry["check"]: entry["ratio"]
        for entry in read_tolerances()["comparisons"]
        if entry["ratio"] > HIGHEST and entry["check"] not in EXCEPTIONS
    }
    assert not near
    over_seeds = read_flakes()["widest_ratios"]
    assert {name for name, ratio in over_seeds.items() if ratio > HIGHEST} <= set(EXCEPTIONS)


def test_exceptions_are_still_needed() -> None:
    near = {e["check"] for e in read_tolerances()["comparisons"] if e["ratio"] > HIGHEST}
    assert set(EXCEPTIONS) <= near


def test_marks_were_the_same_under_every_condition_that_has_to_hold() -> None:
    found = read_tolerances()
    assert found["schema"] == SCHEMA
    assert set(found["conditions"]) == {entry.name for entry in CONDITIONS}
    assert all(entry["gradings"] for entry in found["conditions"].values())
    assert not broken(found)


def test_no_seed_took_a_check_from_a_right_submission() -> None:
    found = read_flakes()
    assert found["schema"] == FLAKES_SCHEMA
    assert found["gradings_of"]["reference"] >= 200
    assert found["lost"] == []


@pytest.mark.parametrize("data", ["digits", "mnist"])
def test_no_honest_model_comes_near_a_flag(data: str) -> None:
    found, limit = gaps.read_gaps(data), load_rubric().memorisation[data]
    assert all(entry["gap"] is not None for entry in found["entries"])
    assert found["largest"] < limit / 2
    assert found["mean"] + 4 * found["deviation"] < limit
    assert gaps.sentence(found) in RUBRIC.read_text(encoding="utf-8")


@pytest.mark.parametrize("read", [read_tolerances, read_flakes])
def test_figures_say_how_they_were_measured(read: object) -> None:
    assert callable(read)
    found = read()
    assert set(found["machine"]) == MACHINE
    assert found["command"].startswith("python -m tests.fairness ")
    assert found["measured_at"]


def test_readme_shows_the_measured_figures() -> None:
    text = README.read_text(encoding="utf-8")
    assert table(read_tolerances()) in text
    assert sentence(read_flakes()) in " ".join(text.split())
