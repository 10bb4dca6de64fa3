"""How many hints a lost check shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.rubric import load_rubric
from tests.grader.grade_command.endings import REFERENCE, Run, assert_usage_error, checks_of
from tests.grader.schema import load_strict


class TestHints:
    """`--hints 0..3`."""

    @pytest.mark.parametrize("count", [None, 0, 3])
    def test_as_many_as_asked_for(
        self, run: Run, copy_reference: Callable[..., Path], tmp_path: Path, count: int | None
    ) -> None:
        text = (REFERENCE / "threshold.py").read_text(encoding="utf-8")
        folder = copy_reference(threshold=text.replace("correction=1", "correction=0"))
        target = tmp_path / "record.json"
        options = () if count is None else ("--hints", str(count))
        result = run(folder, "--data", "digits", "--task", "threshold", "--json", target, *options)
        assert result.exit_code == 0
        data = load_strict(target.read_text(encoding="utf-8"))
        (lost,) = [c for c in checks_of(data, "threshold") if c["status"] != "passed"]
        entry = load_rubric().task("threshold").checks[2]
        assert lost["id"] == entry.id
        expected = entry.hints[: 1 if count is None else count]
        assert lost["hint"] == "\n".join(expected)
        shown = [line.strip() for line in result.stdout.splitlines() if "hint: " in line]
        assert shown == [f"hint: {hint}" for hint in expected]
        last = result.stdout.splitlines()[-1]
        assert last.startswith("Not run here: autoencoder")
        assert last.endswith("hidden test data.")

    @pytest.mark.parametrize("count", ["-1", "4", "all"])
    def test_other_numbers(self, run: Run, count: str) -> None:
        assert_usage_error(run(REFERENCE, "--hints", count), "--hints")
