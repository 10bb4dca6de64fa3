"""Every way a check can end, run through the grader's own door with small files of checks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from grader import grading
from grader.errors import GraderError
from grader.plugin import Award, Fixtures, Recorder, check_seed
from grader.record import CheckResult
from grader.rubric import CheckEntry, Rubric, TaskEntry, load_rubric
from grader.student import Student

SHIPPED = load_rubric()
HEAD = """
import pytest
from grader.errors import *
from grader.expect import expect
"""


def entry(name: str) -> CheckEntry:
    return CheckEntry(name, "A title", 2, "a usual mistake", ("a hint", "more", "all"))


class NoStudent:
    """Stands for a student's code that nobody calls."""

    def begin(self, seed: int) -> None:
        pass


Checks = dict[str, list[str]]  # the names of a task's checks, in the rubric's order
RunChecks = Callable[..., dict[str, CheckResult]]


@pytest.fixture
def run_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunChecks:
    """Run files of checks with a rubric of two points a check."""
    shutil.copy(grading.CHECKS / "pytest.ini", tmp_path)
    monkeypatch.setattr(grading, "CHECKS", tmp_path)

    def run(
        files: dict[str, str],
        entries: Checks,
        needs: dict[str, tuple[str, ...]] | None = None,
        hidden: frozenset[str] = frozenset(),
        student: Any = None,
        told: list[CheckResult] | None = None,
        hints: int = 1,
    ) -> dict[str, CheckResult]:
        for name, text in files.items():
            for module in [m for m in sys.modules if m.split(".")[-1] == name]:
                del sys.modules[module]  # pytest keeps what an earlier run called so
            (tmp_path / f"{name}.py").write_text(HEAD + dedent(text), encoding="utf-8")
        tasks = tuple(
            TaskEntry(
                task, task.title(), 2 * len(names), (needs or {}).get(task, ()),
                tuple(entry(f"{task}.{name}") for name in names),
            )
            for task, names in entries.items()
        )  # fmt: skip
        rubric = Rubric(tasks, SHIPPED.limits, SHIPPED.waiting, SHIPPED.training, SHIPPED.ramps, {})
        heard = [] if told is None else told
        recorder = Recorder(
            rubric, tuple(entries), hidden, lambda result, *_: heard.append(result), hints
        )
        fixtures = Fixtures(student or NoStudent(), 7, lambda: pytest.fail("not asked for"))
        grading._run_checks(tuple(entries), recorder, fixtures)
        return {check.id: check for task in recorder.tasks() for check in task.checks}

    return run


ENDINGS = {
    "passed": ("pass", 2.0, ""),
    "failed": ("raise Mismatch('it is 3')", 0.0, "it is 3"),
    "failed, by expect": ("expect(False, 'too small')", 0.0, "too small"),
    "failed, by a plain assertion": ("assert 1 == 2, 'one is not two'", 0.0, "one is not two"),
    "error": ("raise Raised('ValueError: x')", 0.0, "ValueError: x"),
    "not_implemented": ("raise NotImplementedYet('the stub is there')", 0.0, "the stub is there"),
    "timeout": ("raise TimedOut('too slow')", 0.0, "too slow"),
    "crashed": ("raise Crashed('signal 11')", 0.0, "signal 11"),
    "out_of_memory": ("raise OutOfMemory('a lot')", 0.0, "a lot"),
    "skipped": ("pytest.skip('needs more')", 0.0, "needs more"),
    "partial": ("award(0.25, 'a quarter')", 0.5, "a quarter"),
    "failed, with an award of nothing": ("award(0.0, 'none of it')", 0.0, "none of it"),
    "passed, with an award of all": ("award(1.0, 'all of it')", 2.0, "all of it"),
    "grader_error": ("{}['missing']", 0.0, "KeyError"),
    "grader_error, by the grader's own error": ("raise GraderError('broken')", 0.0, "broken"),
    "grader_error, by an award of too much": ("award(1.5, 'much')", 0.0, "1.5"),
    "passed, whatever it warned of": ("import warnings; warnings.warn('odd')", 2.0, ""),
}  # fmt: skip


@pytest.mark.parametrize(("ending", "score", "message"), ENDINGS.values(), ids=list(ENDINGS))
def test_ending(
    run_checks: RunChecks,
    request: pytest.FixtureRequest,
    ending: str,
    score: float,
    message: str,
) -> None:
    wanted = request.node.callspec.id.split(",")[0]
    files = {"alpha": f'def test_one(award):\n    """A title"""\n    {ending}\n'}
    result = run_checks(files, {"alpha": ["one"]})["alpha.one"]
    assert (result.status, result.score, result.max_score) == (wanted, score, 2)
    assert message in result.message
    assert result.title == "A title"
    has_hint = wanted not in ("passed", "skipped", "grader_error")
    assert result.hint == ("a hint" if has_hint else "")


def test_a_module_that_cannot_be_used_has_no_hint(run_checks: RunChecks) -> None:
    """The hints are about what a check asks, and it could not ask."""
    files = {"alpha": 'def test_one():\n    """A title"""\n    raise Unusable("no import")\n'}
    result = run_checks(files, {"alpha": ["one"]})["alpha.one"]
    assert (result.status, result.message, result.hint) == ("error", "no import", "")


EXPLAINED = {
    "a mistake that was recognised": ("raise Mismatch('it is 3: is it squared?')", False),
    "a mistake that was not": ("raise Mismatch('it is 3', explained=False)", True),
    "a value with a reason": ("expect_close('x', 1, 2, because='is it halved?')", False),
    "a value without": ("expect_close('x', 1, 2)", True),
    "a value that is nan": ("expect_close('x', float('nan'), 2, because='y')", True),
    "a plain assertion": ("assert False, 'odd'", True),
    "a part of the points": ("award(0.5, 'half of it')", True),
    "a part, with the reason": ("award(0.5, 'half of it', explained=True)", False),
    "all points": ("award(1.0, 'all of it')", False),
    "an exception": ("raise Raised('ValueError: x')", False),
    "a stub": ("raise NotImplementedYet('the stub')", False),
}  # fmt: skip


@pytest.mark.parametrize(("ending", "is_added"), EXPLAINED.values(), ids=list(EXPLAINED))
def test_likely_cause_is_added_where_none_was_recognised(
    run_checks: RunChecks, ending: str, is_added: bool
) -> None:
    files = {"alpha": f"from grader.expect import *\ndef test_one(award):\n    {ending}\n"}
    message = run_checks(files, {"alpha": ["one"]})["alpha.one"].message
    assert message.endswith(". Likely cause: a usual mistake") == is_added
    assert ("Likely cause" in message) == is_added


@pytest.mark.parametrize(
    ("hints", "shown"), [(0, ""), (1, "a hint"), (2, "a hint\nmore"), (3, "a hint\nmore\nall")]
)
def test_as_many_hints_as_asked_for(run_checks: RunChecks, hints: int, shown: str) -> None:
    text = "def test_a(): raise Mismatch('x')\ndef test_b(): pass\n"
    results = run_checks({"alpha": text}, {"alpha": ["a", "b"]}, hints=hints)
    assert results["alpha.a"].hint == shown
    assert results["alpha.b"].hint == ""


BUGS = {
    "in the check": ("def test_a():\n    1 / 0\n", "checks/alpha.py:6: ZeroDivisionError"),
    "called by the check": (
        "import json\ndef test_a():\n    json.loads('x')\n", "checks/alpha.py:7: JSONDecodeError",
    ),
    "a fixture's": (
        "@pytest.fixture\ndef thing():\n    return {}['x']\ndef test_a(thing): pass\n",
        "checks/alpha.py:7: KeyError",
    ),
    "at import": ("import nowhere_at_all\ndef test_a(): pass\n", "checks/alpha.py:5: Module"),
    "no Python": ("def test_a():\n    pass\n)\n", "checks/alpha.py:7: SyntaxError"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BUGS.values(), ids=list(BUGS))
def test_our_own_bug_is_a_grader_error_with_file_and_line(
    run_checks: RunChecks, text: str, message: str
) -> None:
    """Four lines come before the text."""
    result = run_checks({"alpha": text}, {"alpha": ["a"]})["alpha.a"]
    assert (result.status, result.score, result.hint) == ("grader_error", 0, "")
    assert result.message.startswith(message)


def test_missing_file_of_checks_is_a_grader_error(run_checks: RunChecks) -> None:
    results = run_checks({"alpha": "def test_a(): pass\n"}, {"alpha": ["a"], "beta": ["b"]})
    assert {result.status for result in results.values()} == {"grader_error"}
    assert {r.message for r in results.values()} == {"checks/beta.py: there is no such file"}


def test_one_broken_check_leaves_the_others(run_checks: RunChecks) -> None:
    text = """
        def test_a(): raise ZeroDivisionError
        def test_b(): pass
        def test_c(): raise Crashed("x")
        def test_d(): pass
    """
    results = run_checks({"alpha": text}, {"alpha": list("abcd")})
    statuses = [result.status for result in results.values()]
    assert statuses == ["grader_error", "passed", "crashed", "passed"]


def test_setup_that_fails_is_judged_like_a_call(run_checks: RunChecks) -> None:
    class Dying:
        def begin(self, seed: int) -> None:
            from grader.errors import Crashed

            raise Crashed("gone before it began")

    text = "def test_a(student): pass\ndef test_b(): pass\n"
    results = run_checks({"alpha": text}, {"alpha": ["a", "b"]}, student=Dying())
    assert results["alpha.a"].status == "crashed"
    assert results["alpha.b"].status == "passed"


def test_broken_teardown_is_the_graders_fault(run_checks: RunChecks) -> None:
    text = """
        @pytest.fixture
        def thing():
            yield 1
            raise RuntimeError("teardown")
        def test_a(thing): pass
    """
    assert run_checks({"alpha": text}, {"alpha": ["a"]})["alpha.a"].status == "grader_error"


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("def test_a(): pass\n", ["a", "b"]),
        ("def test_a(): pass\ndef test_b(): pass\n", ["a"]),
        ("import nowhere_at_all\ndef test_a(): pass\n", ["a"]),
        ("def test_a(:\n", ["a"]),
        ("", ["a"]),
        ("def test_a(no_such_fixture): pass\n", ["a"]),
        ("pytest.skip('all of it', allow_module_level=True)\n", ["a"]),
        ("def test_a(): pytest.exit('enough')\n", ["a"]),
        ("def test_a(): raise KeyboardInterrupt\n", ["a"]),
        ("def test_a(): raise SystemExit(0)\n", ["a"]),
    ],
    ids=["entry without check", "check without entry", "import fails", "syntax error", "empty",
         "unknown fixture", "module skipped", "exit", "interrupted", "system exit"],
)  # fmt: skip
def test_check_that_did_not_run_is_the_graders_fault(
    run_checks: RunChecks, text: str, entries: list[str]
) -> None:
    try:
        results = run_checks({"alpha": text}, {"alpha": entries})
    except (GraderError, KeyboardInterrupt):
        return  # nothing was graded, and that is said
    assert {result.status for result in results.values()} == {"grader_error"}
    assert all(result.score == 0 and result.message for result in results.values())


def test_checks_after_an_interruption_are_not_passed(run_checks: RunChecks) -> None:
    text = "def test_a(): pass\ndef test_b(): pytest.exit('enough')\ndef test_c(): pass\n"
    results = run_checks({"alpha": text}, {"alpha": ["a", "b", "c"]})
    assert results["alpha.a"].status == "passed"
    assert results["alpha.c"].status == "grader_error"


def test_order_is_the_rubrics(run_checks: RunChecks) -> None:
    told: list[CheckResult] = []
    text = "def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n"
    run_checks({"alpha": text}, {"alpha": ["c", "a", "b"]}, told=told)
    assert [result.id for result in told] == ["alpha.c", "alpha.a", "alpha.b"]


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("raise Mismatch('x')", "skipped"),
        ("raise NotImplementedYet('x')", "skipped"),
        ("pass", "passed"),
        ("award(0.1, 'some')", "passed"),
    ],
)
def test_prerequisites(run_checks: RunChecks, first: str, status: str) -> None:
    results = run_checks(
        {"alpha": f"def test_a(award): {first}\n", "beta": "def test_b(): pass\n"},
        {"alpha": ["a"], "beta": ["b"]},
        needs={"beta": ("alpha",)},
    )
    assert results["beta.b"].status == status
    if status == "skipped":
        assert "'Alpha'" in results["beta.b"].message
        assert results["beta.b"].score == 0


def test_one_passed_check_of_a_prerequisite_is_enough(run_checks: RunChecks) -> None:
    results = run_checks(
        {"alpha": "def test_a(): raise Mismatch('x')\ndef test_b(): pass\n",
         "beta": "def test_c(): pass\n"},
        {"alpha": ["a", "b"], "beta": ["c"]},
        needs={"beta": ("alpha",)},
    )  # fmt: skip
    assert results["beta.c"].status == "passed"


def test_prerequisite_that_was_not_graded_is_no_obstacle(run_checks: RunChecks) -> None:
    results = run_checks(
        {"beta": "def test_c(): pass\n"}, {"beta": ["c"]}, needs={"beta": ("alpha",)}
    )
    assert results["beta.c"].status == "passed"


def test_prerequisite_that_the_grader_broke_costs_nothing_silently(run_checks: RunChecks) -> None:
    """The whole record is a grader_error then, whatever follows."""
    results = run_checks(
        {"alpha": "def test_a(): {}['x']\n", "beta": "def test_b(): pass\n"},
        {"alpha": ["a"], "beta": ["b"]},
        needs={"beta": ("alpha",)},
    )
    assert results["alpha.a"].status == "grader_error"


def test_long_messages_are_cut(run_checks: RunChecks) -> None:
    files = {"alpha": "def test_a(): raise Mismatch('x' * 10000)\n"}
    message = run_checks(files, {"alpha": ["a"]})["alpha.a"].message
    assert 100 < len(message) < 1000


def test_random_numbers_are_a_checks_own(run_checks: RunChecks) -> None:
    """The same numbers alone and in company; others for another check."""
    both = "def test_a(rng): raise Mismatch(str(rng.random()))\n" * 1
    other = both.replace("test_a", "test_b")
    alone = run_checks({"alpha": both}, {"alpha": ["a"]})["alpha.a"].message
    company = run_checks({"alpha": other + both}, {"alpha": ["b", "a"]})
    assert company["alpha.a"].message == alone
    assert company["alpha.b"].message != alone


def test_seeds() -> None:
    assert check_seed(1, "a.b") == check_seed(1, "a.b")
    assert len({check_seed(seed, name) for seed in range(50) for name in "abc"}) == 150
    assert 0 <= check_seed(2**32, "x") < 2**32


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_award_refuses_what_is_no_share(fraction: float) -> None:
    with pytest.raises(GraderError):
        Award()(fraction, "")


def test_every_call_of_the_checks_has_a_proxy() -> None:
    """What checks call on `student` is there: a typing slip would be a grader_error."""
    for name in ("Autoencoder", "Classifier", "contrastive_loss", "contrastive_gradient",
                 "reconstruction_error", "adaptive_threshold", "reject", "evaluate"):  # fmt: skip
        assert callable(getattr(Student, name))
