"""The rubric: the shipped one holds together, and every kind of broken one is refused."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.grading import CHECKS
from grader.rubric import RUBRIC, Ramp, load_rubric

POINTS = {
    "autoencoder": 15, "classifier": 15, "contrastive": 20, "threshold": 15, "evaluation": 15,
    "accuracy": 20,
}  # fmt: skip


def test_shipped_points_are_the_designs() -> None:
    assert {task.id: task.points for task in load_rubric().tasks} == POINTS
    assert sum(POINTS.values()) == 100


def test_every_check_has_its_entry_and_the_reverse() -> None:
    written = {
        f"{file.stem}.{node.name.removeprefix('test_')}": ast.get_docstring(node)
        for file in CHECKS.glob("*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert set(written) == {check.id for task in load_rubric().tasks for check in task.checks}
    assert [name for name, title in written.items() if not title] == []


def test_both_profiles_have_budgets_and_ramps() -> None:
    rubric = load_rubric()
    assert set(rubric.training) == set(rubric.ramps) == {"digits", "mnist"}
    for parts in rubric.ramps.values():
        assert set(parts) == {"known", "unknown", "worst_family"}


def test_task_by_id() -> None:
    assert load_rubric().task("threshold").title == "Adaptive threshold"
    with pytest.raises(KeyError):
        load_rubric().task("nothing")


BROKEN = {
    "no TOML": (r"\A", "= =\n", "TOMLDecodeError"),
    "a check too many": (
        r"\[tasks\.checks\.size\]\npoints = 1", "[tasks.checks.size]\npoints = 2", "autoencoder",
    ),
    "no points": (r"(\[tasks\.checks\.size\]\n)points = 1", r"\1", "points"),
    "zero points": (r"(\[tasks\.checks\.size\]\n)points = 1", r"\1points = 0", "autoencoder.size"),
    "points as text": (r"(\[tasks\.checks\.size\]\n)points = 1", r'\1points = "1"', "rubric.toml"),
    "no hints": (r"(\[tasks\.checks\.size\]\npoints = 1\n)hints = \[[^\]]*\]", r"\1", "hints"),
    "empty hints": (
        r"(\[tasks\.checks\.size\]\npoints = 1\n)hints = \[[^\]]*\]", r"\1hints = []",
        "autoencoder.size",
    ),
    "a blank hint": (
        r"(\[tasks\.checks\.size\]\npoints = 1\n)hints = \[[^\]]*\]", r'\1hints = [" "]',
        "autoencoder.size",
    ),
    "a task twice": (r'id = "classifier"', 'id = "autoencoder"', "autoencoder appears twice"),
    "a need that is unknown": (r'needs = \["autoencoder"', 'needs = ["nothing"', "nothing"),
    "a need of itself": (r'needs = \["autoencoder"', 'needs = ["accuracy"', "accuracy needs"),
    "no title": (r'title = "Autoencoder"\n', "", "title"),
    "a total that is not 100": (
        r'(id = "accuracy"\ntitle = .*\n)points = 20', r"\1points = 21", "100",
    ),
    "a ramp upside down": (r"floor = 0\.80, target = 0\.93", "floor = 0.93, target = 0.80",
                           "accuracy.digits.known"),
    "a ramp beyond 1": (r"floor = 0\.80, target = 0\.93", "floor = 0.80, target = 93",
                        "accuracy.digits.known"),
    "a ramp without target": (r", target = 0\.93", "", "target"),
    "a limit with another name": (r"cpu_s = 8\.0", "cpu = 8.0", "cpu"),
    "no limits": (r"\[limits\]", "[limit]", "limits"),
    "hints as one text": (
        r"(\[tasks\.checks\.size\]\npoints = 1\n)hints = \[[^\]]*\]", r'\1hints = "print it"',
        "autoencoder.size",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "by", "words"), BROKEN.values(), ids=list(BROKEN))
def test_broken_rubric_is_refused_with_file_and_key(
    tmp_path: Path, pattern: str, by: str, words: str
) -> None:
    text, count = re.subn(pattern, by, RUBRIC.read_text(encoding="utf-8"), count=1)
    assert count == 1, "the shipped rubric has changed: this test breaks nothing"
    path = tmp_path / "rubric.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GraderError) as caught:
        load_rubric(path)
    assert str(caught.value).startswith("rubric.toml: ")
    assert words in str(caught.value)


def test_missing_rubric(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"nothing\.toml"):
        load_rubric(tmp_path / "nothing.toml")


RAMPS = st.tuples(st.floats(0, 1), st.floats(0, 1)).filter(lambda p: p[1] - p[0] > 1e-6)


class TestRamp:
    """Nothing up to the floor, everything from the target on, never falling between."""

    @given(RAMPS.map(lambda pair: Ramp(*pair)))
    def test_ends(self, ramp: Ramp) -> None:
        assert ramp.fraction(ramp.floor) == 0
        assert ramp.fraction(ramp.target) == 1
        assert ramp.fraction(0.0) == 0
        middle = (ramp.floor + ramp.target) / 2
        assert ramp.fraction(middle) == pytest.approx(0.5, abs=1e-6)

    @given(RAMPS.map(lambda pair: Ramp(*pair)), st.floats(-1, 2), st.floats(-1, 2))
    def test_monotone_and_bounded(self, ramp: Ramp, one: float, two: float) -> None:
        low, high = sorted((one, two))
        assert 0 <= ramp.fraction(low) <= ramp.fraction(high) <= 1

    @pytest.mark.parametrize("nothing", [math.nan, -math.inf])
    def test_nan_earns_nothing(self, nothing: float) -> None:
        assert Ramp(0.0, 0.5).fraction(nothing) == 0
