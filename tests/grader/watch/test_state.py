"""What is graded after a save, and how much help is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.advice import ORDER, next_task
from grader.record import CheckResult, TaskResult
from grader.rubric import MAX_HINTS, load_rubric
from grader.submission import MODULES
from grader.watch.state import State, graded, more_help, tasks_of

TASKS = tuple(task.id for task in load_rubric().tasks)


def task(name: str, *scores: float, status: str = "failed", hint: str = "h") -> TaskResult:
    return TaskResult(
        name, name.title(),
        tuple(
            CheckResult(f"{name}.{number}", "t", "passed" if score == 2 else status, score, 2,
                        "m", hint, 0.1)
            for number, score in enumerate(scores)
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("saved", "tasks"),
    [
        (["threshold.py"], ("threshold",)),
        (["evaluation.py", "classifier.py"], ("classifier", "evaluation")),
        (["weights.safetensors"], ("accuracy",)),
        (["my_layers.py"], MODULES),  # any of them may import it
        ([], ()),
    ],
)
def test_tasks_of_a_save(saved: list[str], tasks: tuple[str, ...]) -> None:
    assert tasks_of(saved, TASKS) == tasks


def test_the_order_names_every_task_once() -> None:
    assert sorted(ORDER) == sorted(TASKS)


def test_at_first_the_task_that_comes_first_in_the_sheets_order_is_shown() -> None:
    state = graded(State({}), [task(name, 0, 0) for name in TASKS], MAX_HINTS)
    assert state.focus == ORDER[0]
    chosen = next_task(state.results.values())
    assert chosen is not None
    assert chosen.id == ORDER[0]


def test_a_new_check_comes_with_its_first_hint_and_a_stub_with_none() -> None:
    assert graded(State({}), [task("threshold", 2, 0)], MAX_HINTS).help.hints == 1
    stub = task("threshold", 0, 0, status="not_implemented")
    assert graded(State({}), [stub], MAX_HINTS).help.hints == 0
    assert graded(graded(State({}), [stub], MAX_HINTS), [stub], MAX_HINTS).help.hints == 0


def test_each_save_that_gets_no_further_reveals_one_more_hint() -> None:
    state, shown = State({}), []
    for _ in range(5):
        state = graded(state, [task("threshold", 2, 0)], MAX_HINTS)
        shown.append(state.help.hints)
    assert shown == [1, 2, 3, 3, 3]


def test_a_file_that_cannot_be_used_uses_up_no_hint() -> None:
    state = graded(State({}), [task("threshold", 0)], MAX_HINTS)
    state = graded(state, [task("threshold", 0, status="error", hint="")], MAX_HINTS)
    assert state.help.hints == 1


def test_what_is_written_is_shown_before_what_is_a_stub() -> None:
    """The sheet's first step fills in the third check of a task, and may get it wrong."""
    wrong = task("threshold", 0, 0, 0)
    checks = [replace(check, status="not_implemented") for check in wrong.checks]
    checks[1] = replace(checks[1], status="failed")
    state = graded(State({}), [replace(wrong, checks=tuple(checks))], MAX_HINTS)
    assert state.check is not None
    assert state.check.id == "threshold.1"
    assert state.help.hints == 1


def test_what_a_save_has_gained_is_shown_once() -> None:
    state = graded(State({}), [task("threshold", 2, 0, 0)], MAX_HINTS)
    assert state.gained == ()
    state = graded(state, [task("threshold", 2, 2, 0)], MAX_HINTS)
    assert [check.id for check in state.gained] == ["threshold.1"]
    assert graded(state, [task("threshold", 2, 2, 0)], MAX_HINTS).gained == ()


def test_partial_progress_reveals_nothing_more() -> None:
    state = graded(State({}), [task("threshold", 0)], MAX_HINTS)
    assert graded(state, [task("threshold", 1, status="partial")], MAX_HINTS).help.hints == 1


def test_the_next_check_begins_anew() -> None:
    state = more_help(graded(State({}), [task("threshold", 0, 0)], MAX_HINTS), MAX_HINTS)
    assert state.help.hints == 2
    after = graded(state, [task("threshold", 2, 0)], MAX_HINTS)
    assert (after.help.check, after.help.hints) == ("threshold.1", 1)


def test_what_is_mended_stays_on_the_screen_and_is_remembered() -> None:
    state = graded(State({}), [task("threshold", 0), task("contrastive", 0)], MAX_HINTS)
    state = graded(state, [task("threshold", 2)], MAX_HINTS)
    assert state.focus == "threshold"
    assert state.check is None
    assert state.results["contrastive"].score == 0
    chosen = next_task(state.results.values())
    assert chosen is not None
    assert chosen.id == "contrastive"


def test_the_task_on_the_screen_stays_there_while_others_are_graded_with_it() -> None:
    state = graded(State({}), [task("evaluation", 0)], MAX_HINTS)
    both = [task("threshold", 0), task("evaluation", 0)]
    assert graded(state, both, MAX_HINTS).focus == "evaluation"
