"""The rubric: the shipped one holds together, and every kind of broken one is refused."""

from __future__ import annotations

import ast
import math
import re
import shutil
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
    assert written == {
        check.id: check.title for task in load_rubric().tasks for check in task.checks
    }


def test_both_profiles_have_budgets_and_ramps() -> None:
    rubric = load_rubric()
    assert set(rubric.training) == set(rubric.ramps) == {"digits", "mnist"}
    for parts in rubric.ramps.values():
        assert set(parts) == {"known", "unknown", "worst_family"}


def test_task_by_id() -> None:
    assert load_rubric().task("threshold").title == "Adaptive threshold"
    with pytest.raises(KeyError):
        load_rubric().task("nothing")


SIZE = r"(\[tasks\.checks\.size\]\npoints = 1\ncause = .*\n)hints = \[[^\]]*\]"
KNOWN_RAMP = r"known = \{ floor = 0\.80, target = 0\.93 \}"

# What to replace, by what, and the words that the refusal has to hold.
BROKEN = {
    "no TOML": (r"\A", "= =\n", "line 1"),
    "a key twice": ("schema = 1", "schema = 1\nschema = 1", "line"),
    "a check twice": (
        r"\[tasks\.checks\.size\]", '[tasks.checks.size]\n[tasks.checks.size]', "'size'",
    ),
    "a task twice": (r'id = "classifier"', 'id = "autoencoder"', "tasks.autoencoder: the id"),
    "another schema": ("schema = 1", "schema = 2", "schema: it must be 1"),
    "no schema": ("schema = 1", "", "schema: it is missing"),
    "an unknown key": ("schema = 1", "schema = 1\nscheme = 1", "scheme: there is no such key"),
    "an unknown key of a check": (
        r"\[tasks\.checks\.size\]", "[tasks.checks.size]\nhint = 1",
        "tasks.autoencoder.checks.size.hint: there is no such key",
    ),
    "an unknown key of a task": (
        r'title = "Autoencoder"', 'title = "Autoencoder"\nneed = 1', "tasks.autoencoder.need",
    ),
    "a check too many points": (
        r"\[tasks\.checks\.size\]\npoints = 1", "[tasks.checks.size]\npoints = 2",
        "tasks.autoencoder.points: its checks add up to 16, not 15",
    ),
    "no points": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r"\1",
        "tasks.autoencoder.checks.size.points: it is missing",
    ),
    "zero points": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r"\1points = 0",
        "tasks.autoencoder.checks.size.points: it must be above 0",
    ),
    "points as text": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r'\1points = "1"', "checks.size.points",
    ),
    "true points": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r"\1points = true", "checks.size.points",
    ),
    "points that are nan": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r"\1points = nan", "checks.size.points",
    ),
    "points in more digits than Python reads": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r"\1points = " + "9" * 5000, "rubric.toml: ",
    ),
    "points larger than a float": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r"\1points = 0x" + "f" * 5000,
        "checks.size.points: it must be a number, not a number of thousands of digits",
    ),
    "a list in lists in lists": (r"\A", "x = " + "[" * 3000, "nested too deep"),
    "endless points": (
        r"(\[tasks\.checks\.size\]\n)points = 1", r"\1points = inf", "checks.size.points",
    ),
    "no cause": (
        r"(\[tasks\.checks\.size\]\npoints = 1\n)cause = .*\n", r"\1", "checks.size.cause",
    ),
    "a blank cause": (
        r"(\[tasks\.checks\.size\]\npoints = 1\n)cause = .*", r'\1cause = " "',
        "checks.size.cause: it is empty",
    ),
    "no hints": (SIZE, r"\1", "checks.size.hints: it is missing"),
    "empty hints": (SIZE, r"\1hints = []", "checks.size.hints: there must be 1 to 3, not 0"),
    "a blank hint": (SIZE, r'\1hints = ["a", " "]', "checks.size.hints.2: it is empty"),
    "a hint that is a number": (SIZE, r"\1hints = [3]", "checks.size.hints.1: it must be a text"),
    "a hint of two lines": (SIZE, r'\1hints = ["a\\nb"]', "checks.size.hints.1"),
    "four hints": (
        SIZE, r'\1hints = ["a", "b", "c", "d"]', "checks.size.hints: there must be 1 to 3, not 4",
    ),
    "hints as one text": (SIZE, r'\1hints = "print it"', "checks.size.hints: it must be a list"),
    "a check that is a text": (
        r"(?s)\[tasks\.checks\.size\].*?\]\n", '[tasks.checks]\nsize = "x"\n', "checks.size",
    ),
    "a check without an entry": (
        r"(?s)\[tasks\.checks\.size\].*?\n\]\n", "", "checks/autoencoder.py has test_size",
    ),
    "an entry without a check": (
        r"\[tasks\.checks\.size\]", "[tasks.checks.sizes]",
        "tasks.autoencoder.checks.sizes: there is no test_sizes",
    ),
    "a need that is unknown": (
        r'needs = \["autoencoder"', 'needs = ["nothing"', "tasks.accuracy.needs: no task 'nothing'",
    ),
    "a need of itself": (r'needs = \["autoencoder"', 'needs = ["accuracy"', "tasks.accuracy.needs"),
    "needs as a text": (r"needs = \[.*\]", 'needs = "autoencoder"', "tasks.accuracy.needs"),
    "no title": (r'title = "Autoencoder"\n', "", "tasks.autoencoder.title: it is missing"),
    "no id": (r'id = "autoencoder"\n', "", "tasks.1.id: it is missing"),
    "an id that is a number": (r'id = "autoencoder"', "id = 3", "tasks.1.id"),
    "a total that is not 100": (
        r'(id = "accuracy"\ntitle = .*\n)points = 20', r"\1points = 21", "add up to 101, not 100",
    ),
    "a ramp upside down": (
        KNOWN_RAMP, "known = { floor = 0.93, target = 0.80 }", "accuracy.digits.known",
    ),
    "a ramp beyond 1": (
        KNOWN_RAMP, "known = { floor = 0.80, target = 93 }", "accuracy.digits.known",
    ),
    "a ramp below 0": (
        KNOWN_RAMP, "known = { floor = -0.1, target = 0.93 }", "accuracy.digits.known",
    ),
    "a ramp without target": (KNOWN_RAMP, "known = { floor = 0.8 }", "digits.known.target"),
    "a ramp of another name": (KNOWN_RAMP, "knwon = { floor = 0.8, target = 0.9 }", "digits.known"),
    "no ramps of a profile": (r"(?s)\[accuracy\.mnist\].*?\n\n", "", "accuracy.mnist: it is miss"),
    "a limit with another name": (r"cpu_s = 8\.0", "cpu = 8.0", "limits.cpu_s: it is missing"),
    "a negative limit": (r"cpu_s = 8\.0", "cpu_s = -8.0", "limits.cpu_s: it must be above 0"),
    "half a process": (r"processes = 32", "processes = 32.5", "limits.processes"),
    "a negative budget": (r"cpu_s = 150\.0", "cpu_s = -150.0", "training.digits.cpu_s"),
    "no limits": (r"\[limits\]", "[limit]", "limits: it is missing"),
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
    assert "\n" not in str(caught.value)


def test_missing_rubric(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"nothing\.toml"):
        load_rubric(tmp_path / "nothing.toml")


def test_rubric_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "rubric.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(GraderError, match=r"rubric\.toml: it is not UTF-8"):
        load_rubric(path)


class TestChecksFolder:
    """The rubric lists the checks that there are."""

    @pytest.fixture
    def checks(self, tmp_path: Path) -> Path:
        return shutil.copytree(CHECKS, tmp_path / "checks")

    def test_new_check_wants_an_entry(self, checks: Path) -> None:
        with (checks / "threshold.py").open("a", encoding="utf-8") as file:
            file.write('def test_new():\n    """New"""\n')
        with pytest.raises(GraderError, match=r"threshold\.checks\.new: .* has test_new"):
            load_rubric(checks=checks)

    def test_new_file_wants_a_task(self, checks: Path) -> None:
        (checks / "more.py").write_text('def test_a():\n    """A"""\n', encoding="utf-8")
        with pytest.raises(GraderError, match=r"more\.py has test_a"):
            load_rubric(checks=checks)

    def test_check_wants_a_title(self, checks: Path) -> None:
        path = checks / "accuracy.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"""Unknown images are rejected"""', "pass"), "utf-8")
        with pytest.raises(GraderError, match=r"checks/accuracy\.py: test_unknown"):
            load_rubric(checks=checks)

    @pytest.mark.parametrize("content", [None, "def test_(:\n"])
    def test_missing_or_broken_file_is_left_to_the_grading(
        self, checks: Path, content: str | None
    ) -> None:
        """Which makes a record of it, with status grader_error."""
        (checks / "threshold.py").unlink()
        if content is not None:
            (checks / "threshold.py").write_text(content, encoding="utf-8")
        assert load_rubric(checks=checks).task("threshold").checks[0].title == "error_value"


def test_every_hint_says_something_new() -> None:
    for task in load_rubric().tasks:
        for check in task.checks:
            assert len({check.cause, *check.hints}) == 1 + len(check.hints), check.id


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
