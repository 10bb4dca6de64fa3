"""What measures fairness is right itself: it listens without disturbing, and reaches the worker."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from grader import expect, staging
from grader.errors import Mismatch
from grader.learnable import expect_registered
from grader.record import CheckResult
from grader.sandbox import environment
from tests.fairness.conditions import CONDITIONS, Condition, condition, under
from tests.fairness.deviations import Deviation, recording
from tests.fairness.flakes import fingerprint, flake_jobs, read_journal
from tests.fairness.flakes import summarise as summarise_flakes
from tests.fairness.jobs import Graded, Job, grade_job, right_submissions, touched_tasks
from tests.fairness.tolerances import HIGHEST, broken, summarise, table
from tests.grader.boxes import student_of
from tests.submissions.grading import TASKS
from tests.submissions.patches import Patch

ERRORS = np.array([1.0, 2.0, 4.0], np.float32)


class TestDeviations:
    """The ear on `expect_close`."""

    def test_widest_element_is_kept_relative_to_what_is_allowed_there(self) -> None:
        with recording() as found:
            expect.expect_close(
                "x", np.array([1.001, 100.01]), np.array([1.0, 100.0]), relative=0.1
            )
        assert [seen.what for seen in found] == ["x"]
        assert found[0].deviation == pytest.approx(0.001)
        assert found[0].ratio == pytest.approx(0.001 / (1e-5 + 0.1))

    def test_verdict_is_the_same_and_the_function_comes_back(self) -> None:
        original = expect.expect_close
        with recording() as found, pytest.raises(Mismatch, match="expected 1: because"):
            expect.expect_close("x", 2.0, 1.0, because="because")
        assert found[0].ratio > 1
        assert expect.expect_close is original

    def test_comparisons_inside_of_other_expectations_are_heard(self) -> None:
        with recording() as found:
            expect_registered(np.zeros(2), np.full(2, 5e-5))
        assert found[0].ratio == pytest.approx(0.5)

    @pytest.mark.parametrize("actual", [np.array([np.nan]), np.zeros(2), np.zeros(0)])
    def test_what_cannot_be_compared_is_left_to_the_check(self, actual: np.ndarray) -> None:
        with recording() as found, pytest.raises(Mismatch):
            expect.expect_close("x", actual, np.zeros(1))
        assert not found


class TestConditions:
    """Other machines."""

    def test_nothing_is_left_behind(self) -> None:
        settings, start = dict(environment.SETTINGS), staging.START
        with under(Condition("x", "y", {"A": "b"}, "pass\n")):
            assert environment.worker_environment("")["A"] == "b"
            assert "pass\nfrom worker import serve\n" in staging.START
        assert settings == environment.SETTINGS
        assert start == staging.START

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("name", "expression", "expected"),
        [
            ("as graded", "torch.get_num_threads()", 1),
            ("two threads", "torch.get_num_threads()", 2),
            ("no oneDNN", "int(torch.backends.mkldnn.enabled)", 0),
            ("old processor", "int(torch.backends.cpu.get_cpu_capability() == 'DEFAULT')", 1),
            ("bf16 autocast", "int((torch.ones(1, 1) @ torch.ones(1, 1)).dtype.itemsize)", 2),
        ],
    )
    def test_worker_computes_under_it(
        self, tmp_path: Path, name: str, expression: str, expected: int
    ) -> None:
        text = f"""
            import torch
            def adaptive_threshold(errors, z=3.0): return torch.tensor({expression})
        """
        with under(condition(name)), student_of(tmp_path / "box", threshold=text) as (student, _):
            assert student.adaptive_threshold(ERRORS) == expected


def check(name: str, status: str = "passed") -> CheckResult:
    return CheckResult(name, name, status, 0.0, 1.0, "said", "", 0.0)


def test_summary_takes_the_widest_of_the_conditions_that_have_to_hold() -> None:
    def graded(name: str, seed: int, deviation: float, status: str = "passed") -> Graded:
        seen = {"a.b": (Deviation("x", deviation, 1.0),)}
        return Graded(Job(None, seed, name), (check("a.b", status),), seen)

    summary = summarise(
        [
            graded("as graded", 0, 0.01),
            graded("two threads", 1, 0.02),
            graded("bf16 autocast", 0, 3.0, "failed"),
        ]
    )
    entry = summary["comparisons"][0]
    assert (entry["ratio"], entry["condition"], entry["seed"]) == (0.02, "two threads", 1)
    assert entry["ratio_by_condition"]["bf16 autocast"] == 3.0
    assert [lost["status"] for lost in summary["lost"]] == ["failed"]
    assert not broken(summary)
    assert "| `a.b` | 2 % |" in table(summary)
    assert broken(summarise([graded("as graded", 0, 2.0, "failed")]))


def test_only_own_tasks_are_graded_of_a_correct_submission() -> None:
    assert touched_tasks(None) == TASKS
    assert touched_tasks(Patch("x", "y", files={"threshold.py": "", "a.py": ""})) == ("threshold",)
    assert touched_tasks(Patch("x", "y", files={"a.py": ""})) == TASKS


class TestFlakes:
    """Counting."""

    def test_every_job_is_asked_once(self) -> None:
        jobs = flake_jobs(reference=3, rounds=2)
        assert len(jobs) == 3 + 2 * (len(right_submissions()) - 1)
        assert len({fingerprint(job, "sources") for job in jobs}) == len(jobs)

    def test_journal_goes_on_after_a_line_that_was_cut_off(self, tmp_path: Path) -> None:
        path = tmp_path / "journal.jsonl"
        assert read_journal(path) == {}
        entry = {"fingerprint": "f", "submission": "reference", "seed": 4, "lost": []}
        path.write_text(json.dumps(entry) + '\n{"fingerprint": "g", "sub', encoding="utf-8")
        assert read_journal(path) == {"f": entry}

    def test_summary_says_which_seeds_and_what_was_lost(self) -> None:
        entries = [
            {
                "submission": "reference",
                "seed": seed,
                "lost": [{"check": "a"}] if seed == 7 else [],
                "ratios": {"a.b": seed / 100},
            }
            for seed in (2, 0, 1, 7)
        ]
        summary = summarise_flakes(entries)
        assert summary["gradings"] == 4
        assert summary["flaky_gradings"] == 1
        assert summary["lost"] == [{"check": "a"}]
        assert summary["seeds"] == {"reference": "0-2, 7"}
        assert summary["widest_ratios"] == {"a.b": 0.07}


@pytest.mark.slow
@pytest.mark.parametrize("name", [entry.name for entry in CONDITIONS if entry.has_to_hold])
def test_reference_keeps_its_marks_and_its_distance(name: str) -> None:
    result = grade_job(Job(None, seed=1, condition=name))
    assert not result.lost
    compared = {check for check, deviations in result.deviations.items() if deviations}
    assert {"autoencoder.composition", "classifier.repeatable", "contrastive.value"} <= compared
    assert {"threshold.error_value", "evaluation.both_kinds_of_error"} <= compared
    for deviations in result.deviations.values():
        assert all(deviation.ratio <= HIGHEST for deviation in deviations)
