"""What the rubric has to say of a check, as text: `python -m grader hint`."""

from __future__ import annotations

import difflib

from .errors import UsageError
from .rubric import CheckEntry, Rubric, TaskEntry


def list_checks(rubric: Rubric) -> str:
    """Every check by task, with its points."""
    width = max(len(check.id) for task in rubric.tasks for check in task.checks)
    blocks = [
        "\n".join(
            [
                f"{task.title}, {task.points:g} points",
                *(f"  {c.id:<{width}}  {c.points:>2g}  {c.title}" for c in task.checks),
            ]
        )
        for task in rubric.tasks
    ]
    return "\n\n".join([*blocks, "Hints on one of them: python -m grader hint CHECK"])


def describe_check(rubric: Rubric, check_id: str, level: int) -> str:
    """A check's title, points, task, likely cause, and its first hints.

    Args:
        rubric: the rubric.
        check_id: `task.name`.
        level: how many hints.

    Raises:
        UsageError: there is no such check; names the ones it may have meant.
    """
    task, check = _find(rubric, check_id)
    shown = check.hints[:level]
    lines = [
        check.title,
        f"{check.id}: {check.points:g} {'point' if check.points == 1 else 'points'} "
        f"of task {task.title}",
        "",
        f"Likely cause: {check.cause}.",
        *(f"Hint {number}: {hint}" for number, hint in enumerate(shown, 1)),
        "",
    ]
    left = len(check.hints) - len(shown)
    if left:
        more = "There is 1 more hint" if left == 1 else f"There are {left} more hints"
        lines.append(f"{more}: python -m grader hint {check.id} --level {len(shown) + 1}")
    else:
        lines.append("There are no more hints.")
    return "\n".join(lines)


def _find(rubric: Rubric, check_id: str) -> tuple[TaskEntry, CheckEntry]:
    found = {check.id: (task, check) for task in rubric.tasks for check in task.checks}
    if check_id in found:
        return found[check_id]
    wanted = check_id.lower()
    near = [name for name in found if name.split(".")[1] == wanted]  # the task was left out
    near = near or [name for name in found if name.split(".")[0] == wanted]
    near = near or difflib.get_close_matches(wanted, found, n=3, cutoff=0.5)
    advice = f"did you mean {', '.join(near)}?" if near else "python -m grader hint lists them"
    raise UsageError(f"there is no check {check_id!r}; {advice}")
