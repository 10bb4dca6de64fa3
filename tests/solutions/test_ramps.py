"""The ramps against the reference's spread: it loses no mark, and the comments are true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

import datasets
from grader import rubric as rubric_module
from grader.rubric import RUBRIC, load_rubric
from solutions import ramps
from solutions.cli import app
from solutions.measure import RESULTS, read_results

PROFILES = ("digits", "mnist")
PARTS = ("known", "unknown", "worst_family")
# From the problem sheet: reported apart and never graded.
NEVER_GRADED = {"lookalikes", "mnist_noise", "emnist_letters", "omniglot"}


def accuracies(profile: str, part: str) -> np.ndarray:
    """A part's accuracy in each run, straight from the results file."""
    text = (RESULTS / f"reference-{profile}.json").read_text(encoding="utf-8")
    runs = json.loads(text)["runs"]
    if part != "worst_family":
        return np.array([run[f"{part}_accuracy"] for run in runs])
    graded = [{f: x for f, x in run["per_family"].items() if f not in NEVER_GRADED} for run in runs]
    return np.array([min(families.values()) for families in graded])


def bound(values: np.ndarray) -> float:
    """What one more training falls below with odds of 1 in 30,000."""
    n = len(values)
    factor = stats.t(n - 1).ppf(1 - 1e-4 / 3) * np.sqrt(1 + 1 / n)
    return float(values.mean() - factor * values.std(ddof=1))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("profile", PROFILES)
def test_reference_loses_no_mark(profile: str, part: str) -> None:
    """In any of the three parts, with odds under 1 in 10,000."""
    values = accuracies(profile, part)
    assert len(values) >= 20
    target = load_rubric().ramps[profile][part].target
    assert bound(values) >= target, (
        f"{profile}, {part}: the reference falls below {bound(values):.2%} once in 30,000 "
        f"trainings, so the target, {target:.2%}, is too high"
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("profile", PROFILES)
def test_figures_beside_the_ramps_are_those_of_the_results(profile: str, part: str) -> None:
    section = RUBRIC.read_text(encoding="utf-8").split(f"[accuracy.{profile}]\n")[1]
    line = next(line for line in section.splitlines() if line.startswith(f"{part} = "))
    written = [float(number) for number in re.findall(r"[\d.]+", line.split("#")[1])]
    values = accuracies(profile, part)
    expected = [values.mean(), values.std(ddof=1), bound(values)]
    assert written == pytest.approx([100 * x for x in expected], abs=0.01), (
        "repair with: python -m solutions results --ramps"
    )


def test_file_is_what_the_command_writes() -> None:
    text = RUBRIC.read_text(encoding="utf-8")
    assert ramps.with_figures(text, read_results()) == text, (
        "repair with: python -m solutions results --ramps"
    )


def test_never_graded_families_are_those_of_the_data() -> None:
    assert ramps.REPORTED_ONLY == NEVER_GRADED
    _, unknowns = datasets.load_test("digits")
    assert {part.family for part in unknowns if not part.graded} == {"lookalikes"}


def results(profile: str, known: list[float]) -> dict[str, Any]:
    runs = [
        {
            "known_accuracy": x,
            "unknown_accuracy": 0.99,
            "per_family": {"noise": 1.0, "letters": x - 0.1, "omniglot": 0.2},
        }
        for x in known
    ]
    return {"data": profile, "runs": runs}


def test_spread_of_numbers_worked_out_by_hand() -> None:
    """Mean 0.96, deviation 0.01; t of 2 degrees of freedom leaves 5 % above 2.92."""
    spread = ramps.spread([0.95, 0.96, 0.97], odds=0.05)
    assert (spread.mean, spread.deviation) == pytest.approx((0.96, 0.01))
    assert spread.bound == pytest.approx(0.96 - 2.91999 * 0.01 * (4 / 3) ** 0.5, abs=1e-6)


def test_worst_family_leaves_out_what_is_only_reported() -> None:
    spreads = ramps.spreads(results("digits", [0.95, 0.96, 0.97]))
    assert spreads["worst_family"].mean == pytest.approx(0.86)
    assert spreads["unknown"].deviation == 0


def test_figures_change_nothing_else() -> None:
    text = (
        '# known = { floor = 0 }\n[accuracy.digits]\nknown = { floor = 0.8, target = 0.9 }  # old\n'
        "[accuracy.mnist]\nknown = { floor = 0.7, target = 0.8 }  # stays\n"
        '[[tasks]]\nid = "x"\nknown = { floor = 0.8 }\n'
    )  # fmt: skip
    made = ramps.with_figures(text, [results("digits", [0.95, 0.96, 0.97])])
    changed = [
        (old, new) for old, new in zip(text.split("\n"), made.split("\n"), strict=True)
        if old != new
    ]  # fmt: skip
    ((_, line),) = changed
    assert re.fullmatch(
        r"known = \{ floor = 0\.8, target = 0\.9 \} +# 96\.00 ± 1\.00, bound -?\d+\.\d\d", line
    )
    assert ramps.with_figures(made, [results("digits", [0.95, 0.96, 0.97])]) == made


def test_command_writes_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rubric.toml"
    text = RUBRIC.read_text(encoding="utf-8")
    path.write_text(re.sub(r" +# \d\d.*bound.*", "", text), encoding="utf-8")
    monkeypatch.setattr(rubric_module, "RUBRIC", path)
    result = CliRunner().invoke(app, ["results", "--ramps"])
    assert result.exit_code == 0, result.output
    assert path.read_text(encoding="utf-8") == text
