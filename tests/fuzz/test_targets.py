"""A few hundred cases of every target, and that a fault would be seen."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fuzz import campaign
from tests.fuzz.campaign import TARGETS, case, run, share_out, try_case
from tests.fuzz.target import Target

every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
quickly = settings(max_examples=50, suppress_health_check=list(HealthCheck))


@every_target
@given(data=st.binary(max_size=600))
@example(b"")
@quickly
def test_any_bytes(target: Target, data: bytes) -> None:
    try_case(target, data)


@every_target
@given(rng=st.randoms(use_true_random=False))
@quickly
def test_what_is_nearly_valid(target: Target, rng: Random) -> None:
    try_case(target, target.make(rng))


@every_target
def test_some_hundred_cases(target: Target) -> None:
    tally = run(target, 300, seed=1)
    assert tally.faults == []
    assert tally.accepted + tally.refused == tally.cases == 300
    assert tally.accepted, "every case was refused: nothing behind the first look was reached"


def broken(data: bytes) -> None:
    """A reader with two faults."""
    if data == b"hang":
        while True:
            try:
                time.sleep(1)
            except Exception:
                continue
    if data == b"fault":
        raise IndexError("an accident")
    raise ValueError("no")


def target_of(words: list[bytes]) -> Target:
    return Target("broken", 1, lambda rng: rng.choice(words), broken, (ValueError,))


def test_fault_is_kept_with_its_bytes() -> None:
    tally = run(target_of([b"fault", b"fine"]), 100, seed=0)
    assert 0 < tally.refused < 100
    fault = tally.faults[0]
    assert fault["error"] == "IndexError: an accident"
    assert bytes.fromhex(fault["data"]) == b"fault"
    assert case(target_of([b"fault", b"fine"]), 0, fault["case"]) == b"fault"


def test_hanging_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "PATIENCE_S", 0.05)
    assert run(target_of([b"hang"]), 1, seed=0).faults[0]["error"].startswith("Hung")


def test_cases_are_the_same_each_time() -> None:
    for target in TARGETS:
        assert case(target, 3, 5) == case(target, 3, 5)


def test_shares_add_up() -> None:
    counts = share_out(TARGETS, 10_000)
    assert sum(counts.values()) >= 10_000
    assert set(counts) == {target.name for target in TARGETS}


def test_command(tmp_path: Path) -> None:
    out = tmp_path / "fuzz.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--cases", "50", "--only", "wire", "--out", str(out)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "50 cases" in done.stdout
    (found,) = json.loads(out.read_text(encoding="utf-8"))["targets"]
    assert (found["target"], found["cases"]) == ("wire", 50)
