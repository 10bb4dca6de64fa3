"""What `python -m solutions results` computes from graded runs, without training anything."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.record import CheckResult, Metrics, TaskResult
from grader.reference import load_reference
from solutions import measure as module
from solutions.errors import UserError

KNOWN = (0.97, 0.96, 0.985)


def graded(seed: int, *, trained: bool = True) -> Any:
    """As much of a record as is read, for one seed."""
    check = CheckResult("accuracy.known", "t", "passed", 8.0, 8.0, "why not", "", 0.1)
    known = KNOWN[seed]
    metrics = Metrics(known, 0.99, 0.98, 0.995, 0.999, {"noise": 1.0, "letters": known - 0.1})
    return SimpleNamespace(
        metrics=metrics if trained else None,
        training={"wall_s": 9.5, "cpu_s": 17.0} if trained else None,
        score=20.0,
        tasks=(TaskResult("accuracy", "Accuracy", (check,)),),
        environment={"versions": {"torch": "0"}},
    )


def test_means_and_sample_deviations(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []
    monkeypatch.setattr(module, "grade", lambda plan: plans.append(plan) or graded(plan.seed))
    told: list[dict[str, Any]] = []
    results = module.measure("digits", 3, told.append)
    assert [plan.seed for plan in plans] == [0, 1, 2]
    assert {(plan.train, plan.tasks, plan.data) for plan in plans} == {
        ("always", ("accuracy",), "digits")
    }
    assert results["runs"] == told
    assert results["metrics"]["known_accuracy"] == pytest.approx(np.mean(KNOWN), abs=1e-6)
    assert results["deviation"]["known_accuracy"] == pytest.approx(np.std(KNOWN, ddof=1), abs=1e-6)
    letters = np.array(KNOWN) - 0.1
    assert results["metrics"]["per_family"]["letters"] == pytest.approx(letters.mean(), abs=1e-6)
    assert results["deviation"]["per_family"]["noise"] == 0


def test_one_seed_has_no_deviation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "grade", lambda plan: graded(plan.seed))
    assert module.measure("mnist", 1, lambda _: None)["deviation"]["auroc"] == 0


def test_run_without_a_model_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "grade", lambda plan: graded(plan.seed, trained=False))
    with pytest.raises(UserError, match=r"seed 0.*why not"):
        module.measure("digits", 2, lambda _: None)


def test_grader_reads_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "grade", lambda plan: graded(plan.seed))
    results = module.measure("digits", 2, lambda _: None)
    path = module.write_results(results, tmp_path / "new")
    assert json.loads(path.read_text(encoding="utf-8")) == results
    assert load_reference("digits", tmp_path / "new") == results["metrics"]
    assert load_reference("mnist", tmp_path / "new") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"metrics": 3}'])
def test_broken_results_are_no_reference(tmp_path: Path, text: str) -> None:
    (tmp_path / "reference-digits.json").write_text(text, encoding="utf-8")
    assert load_reference("digits", tmp_path) is None


@pytest.mark.parametrize("results", module.read_results(), ids=lambda entry: entry["data"])
def test_committed_results_are_whole(results: dict[str, Any]) -> None:
    """Twenty seeds, each at full marks."""
    runs = results["runs"]
    assert [run["seed"] for run in runs] == list(range(20))
    assert {run["score"] for run in runs} == {20.0}
    for name in module.NUMBERS:
        values = [run[name] for run in runs]
        assert results["metrics"][name] == pytest.approx(np.mean(values), abs=1e-6)
        assert results["deviation"][name] == pytest.approx(np.std(values, ddof=1), abs=1e-6)


def test_readme_shows_the_committed_results() -> None:
    readme = (module.RESULTS.parents[1] / "README.md").read_text(encoding="utf-8")
    assert module.table(module.read_results()) in readme, (
        "README.md does not show what python -m solutions results --table prints"
    )
