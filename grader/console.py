"""A grade on the terminal: tasks and checks, the model beside the reference, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape as escape_markup
from rich.table import Table

from .advice import STUBS, command, file_of, first_lost, next_task, number_of, reason
from .progress import points as _points
from .progress import progress_bar
from .record import CheckResult, Metrics, Record, TaskResult
from .rubric import MAX_HINTS
from .submission import MODULES
from .text import printable
from .wrapping import say

MARKS = {
    "passed": "[green]✓[/]",
    "partial": "[yellow]~[/]",
    "failed": "[red]✗[/]",
    "not_implemented": "[dim]○[/]",
    "skipped": "[dim]-[/]",
    "grader_error": "[magenta]![/]",
}
METRIC_TITLES = {
    "known_accuracy": "known accuracy",
    "unknown_accuracy": "unknown accuracy",
    "total_accuracy": "total accuracy",
    "closed_set_accuracy": "closed-set accuracy",
    "auroc": "AUROC",
}


def print_record(console: Console, record: Record, verbose: bool = False) -> None:
    """Print a grade.

    Args:
        console: where to.
        record: the grade.
        verbose: show passed checks' messages too.
    """
    console.print()
    for task in record.tasks:
        _print_task(console, task, verbose)
    if record.metrics is not None:
        console.print(metrics_table(record.metrics, record.reference))
    total = f"[bold]{_points(record.score)} / {_points(record.max_score)}[/]"
    where = f"{record.data}, {record.tier} data, sandbox {record.sandbox}"
    final = "" if record.status == "graded" else "  [magenta]not final[/]"
    console.print()
    if len(record.tasks) > 1:
        print_progress(console, {task.id: task.max_score for task in record.tasks},
                       {task.id: task for task in record.tasks})  # fmt: skip
    say(console, f"[bold]{escape(record.name)}[/]: {total}{final}  "
                 f"[dim]({where}; {record.duration_s:.1f} s)[/]")  # fmt: skip
    for flag in record.flags:
        say(console, f"[magenta]Flag:[/] {escape(flag)}")
    say(console, f"[dim]Next:[/] {escape(next_step(record))}")
    if record.not_run:
        say(console, f"[dim]Not run here: {', '.join(record.not_run)}.[/]")


def print_score(console: Console, record: Record) -> None:
    """Print the score in a line, and what went wrong with the grader."""
    final = "" if record.status == "graded" else "  [magenta]not final[/]"
    say(console, f"{escape(record.name)}: {_points(record.score)} / {_points(record.max_score)}"
                 f"{final}")  # fmt: skip
    if record.status != "graded":
        say(console, escape(next_step(record)))


def print_progress(
    console: Console, worth: Mapping[str, float], results: Mapping[str, TaskResult]
) -> None:
    """Print how far each task is, as a bar; see `progress_bar`."""
    for line in progress_bar(worth, results, console.width):
        console.print(line, soft_wrap=True)


def print_next(console: Console, task: TaskResult | None, folder: str) -> None:
    """Print which task to do next, why, what it loses first, and what to type.

    Args:
        console: where to.
        task: the one; None where nothing is left.
        folder: the submission, as it is typed in a shell.
    """
    if task is None:
        say(console, "[green]Every task has all its points: nothing is left to do.[/]")
        return
    say(console, f"[bold]Next: {escape(number_of(task))}[/] ({escape(file_of(task))}), "
                 f"{_points(task.score)} / {_points(task.max_score)}")  # fmt: skip
    say(console, f"Why: {escape(reason(task))}.", indent=2)
    first = first_lost(task)
    if first is not None and first.status not in STUBS:
        say(console, check_line(first), indent=2)
        say(console, escape(first.message), indent=6)
    say(console, escape(command(task, folder)), indent=2)


def metrics_table(metrics: Metrics, reference: dict[str, Any] | None) -> Table:
    """The model's metrics beside the reference's, in per cent."""
    table = Table(title="Open-set recognition", title_justify="left", box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    table.add_column("this submission", justify="right", no_wrap=True)
    table.add_column("reference", justify="right", no_wrap=True)
    reference = reference or {}
    for name, title in METRIC_TITLES.items():
        table.add_row(title, percent(getattr(metrics, name)), percent(reference.get(name)))
    families = reference.get("per_family", {})
    for family, accuracy in metrics.per_family.items():
        table.add_row(f"  rejected: {family}", percent(accuracy), percent(families.get(family)))
    return table


def next_step(record: Record) -> str:
    """One sentence on what to do with this grade."""
    checks = [check for task in record.tasks for check in task.checks]
    if record.status == "grader_error":
        broken = next((c for c in checks if c.status == "grader_error"), None)
        reason = f" ({broken.id}: {broken.message})" if broken else ""
        return f"the grader itself failed{reason}; this is not your fault, report it."
    task = next_task(record.tasks)
    first = first_lost(task) if task else None
    if task is None or first is None:
        return _next_after_full_marks(record)
    if first.status == "not_implemented" and task.id in MODULES:
        number = MODULES.index(task.id) + 1
        return (
            f"fill in task {number}, {task.title} (assignment/{task.id}.py), then "
            f"python -m grader grade assignment --task {task.id}"
        )
    shown = len(first.hint.splitlines())
    stop = "" if first.message.endswith("?") else "."
    more = f"{stop} More help: python -m grader hint {first.id} --level {shown + 1}"
    help_is_left = 0 < shown < MAX_HINTS
    return f"{task.title}, '{first.title}': {first.message}{more if help_is_left else ''}"


def _next_after_full_marks(record: Record) -> str:
    if any(task in MODULES or task == "accuracy" for task in record.not_run):
        return "these tasks are done; all of them: the same command without --task"
    if record.training is not None:
        return (
            "nothing is left to do here. The grader trained the model; to hand in your own "
            "weights.safetensors: python -m assignment.train"
        )
    return "nothing is left to do here."


def _print_task(console: Console, task: TaskResult, verbose: bool) -> None:
    score = f"{_points(task.score):>5} / {_points(task.max_score)}"
    style = "green" if task.score == task.max_score else "yellow" if task.score else "red"
    say(console, f"[bold]{escape(task.title):<22}[/] [{style}]{score}[/]")
    messages = {check.message for check in task.checks}
    alike = len(task.checks) > 1 and len(messages) == 1 and task.score == 0
    for check in task.checks:
        _print_check(console, check, verbose, with_message=not alike or check is task.checks[0])


def _print_check(console: Console, check: CheckResult, verbose: bool, with_message: bool) -> None:
    say(console, check_line(check), indent=2)
    shown = check.status != "passed" or verbose
    if shown and with_message and check.message:
        say(console, escape(check.message), indent=6)
    if check.status != "not_implemented" and with_message:  # a stub needs none yet
        for hint in check.hint.splitlines():
            say(console, f"[dim]hint: {escape(hint)}[/]", indent=6)


def check_line(check: CheckResult) -> str:
    """A check's mark, title, status and points, as Rich's markup."""
    mark = MARKS.get(check.status, "[red]✗[/]")
    status = "" if check.status in ("passed", "failed") else f" [dim]\\[{check.status}][/]"
    return (
        f"{mark} {escape(check.title)}{status} "
        f"[dim]{_points(check.score)}/{_points(check.max_score)}[/]"
    )


def percent(value: float | None) -> str:
    """A fraction in per cent; a dash where there is none."""
    return "—" if value is None else f"{100 * value:.2f} %"


def escape(text: str) -> str:
    """Text that may come from a student, safe to print: neither markup nor control characters."""
    return escape_markup(printable(text))
