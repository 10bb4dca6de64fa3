"""Every mutant of the reference is found by a check, or `survivors.toml` says why it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from grader.record import CheckResult
from tests.mutants import trial
from tests.mutants.cli import main
from tests.mutants.mutate import Mutant, reference_mutants
from tests.mutants.survivors import (
    Survivor,
    SurvivorsError,
    complaint,
    read_survivors,
    stale,
)
from tests.mutants.trial import TrialError, lost_check

MUTANTS = reference_mutants()
SURVIVORS = read_survivors()
SAMPLE = Mutant("m.f: 1 -> 2", "m", "return 1", "return 2", "def f():\n    return 2\n")
ENTRY = Survivor(SAMPLE.name, SAMPLE.before, SAMPLE.after, "equal")


def named(name: str) -> Mutant:
    return next(mutant for mutant in MUTANTS if mutant.name == name)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_mutant_is_found_or_explained(mutant: Mutant) -> None:
    found = complaint(mutant, lost_check(mutant), SURVIVORS)
    assert found is None, found


def test_explained_mutants_are_there() -> None:
    lines = stale(MUTANTS, SURVIVORS)
    assert not lines, "\n".join(lines)


def test_trial_tells_the_check_that_finds_a_mutant() -> None:
    assert lost_check(named("threshold.reject: > -> >=")) == "threshold.rejection"


def test_trial_of_an_equivalent_mutant() -> None:
    assert lost_check(named("threshold.adaptive_threshold: drop correction=1")) is None


def test_fault_of_the_grader_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = CheckResult("threshold.x", "x", "grader_error", 0.0, 1.0, "why", "", 0.0, "visible")
    task = type("Task", (), {"checks": (fault,)})()
    record = type("Record", (), {"tasks": (task,)})()
    monkeypatch.setattr(trial, "grade", lambda *_: record)
    with pytest.raises(TrialError, match=r"threshold\.x grader_error: why"):
        lost_check(named("threshold.reject: > -> >="))


@pytest.mark.parametrize(
    ("lost", "survivors", "says"),
    [
        ("m.check", {}, None),
        (None, {ENTRY.name: ENTRY}, None),
        (None, {}, "no check finds it\n  - return 1\n  + return 2"),
        ("m.check", {ENTRY.name: ENTRY}, "m.check finds it now"),
        ("m.check", {ENTRY.name: replace(ENTRY, borderline=True)}, None),
    ],
)
def test_complaint(lost: str | None, survivors: dict[str, Survivor], says: str | None) -> None:
    found = complaint(SAMPLE, lost, survivors)
    assert found is None if says is None else says in (found or "")


def test_stale() -> None:
    assert stale([SAMPLE], {ENTRY.name: ENTRY}) == []
    (gone,) = stale([], {ENTRY.name: ENTRY})
    assert "no such mutant" in gone
    (other,) = stale([SAMPLE], {ENTRY.name: replace(ENTRY, after="return 3")})
    assert "is now" in other


COMPLETE = '[[survivor]]\nname = "a"\nbefore = "1"\nafter = "2"\nreason = "r"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("survivor =", "survivors.toml"),
        (COMPLETE.replace('"r"', '" "'), "say why"),
        (COMPLETE.replace("reason", "cause"), "cause"),
        (COMPLETE + COMPLETE, "a comes twice"),
        ("other = 1\n" + COMPLETE, "unknown key other"),
    ],
)
def test_broken_file_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurvivorsError, match=says):
        read_survivors(path)


def test_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(COMPLETE + "missing = true\n", encoding="utf-8")
    assert read_survivors(path) == {"a": Survivor("a", "1", "2", "r", missing=True)}


class TestCommand:
    """`python -m tests.mutants`."""

    @pytest.fixture
    def app(self) -> typer.Typer:
        app = typer.Typer()
        app.command()(main)
        return app

    def test_list(self, app: typer.Typer) -> None:
        result = CliRunner().invoke(app, ["--list", "--only", "threshold.reject: >"])
        assert result.exit_code == 0
        assert result.output.splitlines() == [
            "threshold.reject: > -> >=",
            "threshold.reject: > -> <",
        ]

    @pytest.mark.slow
    def test_table_counts_what_is_found(self, app: typer.Typer) -> None:
        result = CliRunner().invoke(app, ["--jobs", "1", "--only", "reject: > -> >="])
        assert result.exit_code == 0, result.output
        row = next(line for line in result.output.splitlines() if "threshold" in line)
        assert [cell for cell in row.split() if cell.isdigit()] == ["1", "1", "0", "0", "0"]
