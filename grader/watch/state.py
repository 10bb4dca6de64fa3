"""What a watch knows: the last result of each task, what is on the screen, how much help it gives.

No file, clock or terminal is touched here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..advice import STUBS, first_lost, place
from ..record import CheckResult, TaskResult
from ..submission import MODULES, WEIGHTS

ACCURACY = "accuracy"


@dataclass(frozen=True)
class Help:
    """How many hints of a check are shown."""

    check: str = ""
    hints: int = 0
    score: float = 0.0


@dataclass(frozen=True)
class State:
    """Everything that is known.

    Attributes:
        results: the last result of each task that was graded.
        focus: the task on the screen.
        help: what is shown of the first check that it loses points in.
        gained: checks of that task that have all their points since the last grading.
    """

    results: dict[str, TaskResult]
    focus: str = ""
    help: Help = Help()
    gained: tuple[CheckResult, ...] = ()

    @property
    def task(self) -> TaskResult | None:
        """The task on the screen."""
        return self.results.get(self.focus)

    @property
    def check(self) -> CheckResult | None:
        """The check to mend: the first of that task that loses points."""
        return first_lost(self.task) if self.task is not None else None


def tasks_of(names: Iterable[str], all_tasks: Iterable[str]) -> tuple[str, ...]:
    """The tasks to grade after files of these names were saved, in the rubric's order.

    A helper module may belong to any of the code tasks, so that all of them are graded.
    """
    saved = set(names)
    helpers = saved - {WEIGHTS, *(f"{module}.py" for module in MODULES)}
    return tuple(
        task
        for task in all_tasks
        if f"{task}.py" in saved
        or (task == ACCURACY and WEIGHTS in saved)
        or (task in MODULES and helpers)
    )


def graded(state: State, tasks: Iterable[TaskResult], most_hints: int) -> State:
    """The state after these tasks were graded, the first of which with points left is shown.

    Args:
        state: what was known.
        tasks: the results.
        most_hints: how many hints a check can have.
    """
    new = list(tasks)
    results = state.results | {task.id: task for task in new}
    lost = [task for task in new if first_lost(task)]
    # The task that is on the screen stays there while it is among them.
    lost.sort(key=lambda task: (task.id != state.focus, place(task.id)))
    focus = (lost or new)[0].id if new else state.focus
    after = State(results, focus, state.help, _gained(state.results.get(focus), results.get(focus)))
    return replace(after, help=_next_help(state.help, after.check, most_hints))


def _gained(before: TaskResult | None, after: TaskResult | None) -> tuple[CheckResult, ...]:
    """The checks that have all their points now and had not."""
    if before is None or after is None:
        return ()
    lost = {check.id for check in before.checks if check.score < check.max_score}
    return tuple(
        check for check in after.checks if check.id in lost and check.score == check.max_score
    )


def more_help(state: State, most_hints: int) -> State:
    """The state after somebody has asked for the next hint."""
    hints = min(state.help.hints + 1, most_hints)
    return replace(state, help=replace(state.help, hints=hints))


def _next_help(before: Help, check: CheckResult | None, most: int) -> Help:
    """A hint for a new check, one more for one that is no better than before.

    A stub needs none yet, nor does a file that cannot be imported: their messages say what to do.
    """
    if check is None:
        return Help()
    needs_none = check.status in STUBS or not check.hint
    if check.id != before.check:
        return Help(check.id, 0 if needs_none else 1, check.score)
    is_better = check.score > before.score
    hints = before.hints if is_better or needs_none else min(before.hints + 1, most)
    return Help(check.id, hints, check.score)
