"""A class's statistics on the terminal."""

from __future__ import annotations

import textwrap

from rich.console import Console
from rich.table import Table

from ..console import escape, percent
from ..published import CAVEAT
from ..text import one_line
from .accuracy import AccuracyGroup
from .checks import CheckStatistics
from .distribution import Distribution
from .scores import ScoreStatistics
from .summary import Summary

BARS = " ▁▂▃▄▅▆▇█"
MOST_STUDENTS, MOST_FLAGS = 20, 50  # lines; the JSON has them all
SHORT = 45  # characters of a failure


def print_summary(console: Console, summary: Summary) -> None:
    """Print all of it; what there is nothing to say of is said in a line."""
    console.print(_who(summary), soft_wrap=True)
    if summary.grades.graded:
        console.print(_scores(summary))
        console.print(_checks(summary.checks))
        for group in summary.accuracies:
            _print_accuracies(console, group)
        if not summary.accuracies:
            console.print("No model was measured: no accuracies.")
        console.print(f"Time to grade one: {_time(summary.grading)}. CPU time of trainings "
                      f"by the grader: {_time(summary.training)}.", soft_wrap=True)  # fmt: skip
    else:
        console.print("Nothing is graded yet, so there are no scores to sum up.")
    _print_flags(console, summary)


def _who(summary: Summary) -> str:
    grades = summary.grades
    parts = [f"{len(grades.whole)} graded"]
    if grades.partial:
        parts.append(f"{len(grades.partial)} in part only (some tasks), not in the total")
    if grades.unusable:
        parts.append(f"{len(grades.unusable)} unreadable, counted nowhere below")
    if grades.ungraded:
        parts.append(f"{len(grades.ungraded)} not graded by a fault of the grader's")
    count = len(grades.everyone)
    return f"[bold]{count} student{'s' * (count != 1)}[/]: {'; '.join(parts)}."


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        # A colon marks what is written from the left.
        left = column.endswith(":")
        table.add_column(
            column.rstrip(":"), justify="left" if left else "right", overflow="fold",
            no_wrap=not left,
        )  # fmt: skip
    return table


def _scores(summary: Summary) -> Table:
    table = _table(
        "Points", ":", "of", "n", "mean", "sd", "least", "25 %", "median", "75 %", "most", "spread:"
    )
    for score in (summary.total, *summary.tasks):
        table.add_row(*_score(score))
    return table


def _score(score: ScoreStatistics) -> list[str]:
    points = score.points
    figures = [points.mean, points.deviation, *(points.quantiles or [None] * 5)]
    return [
        escape(score.title), f"{score.max_score:g}", str(points.count),
        *("—" if figure is None else f"{figure:.1f}" for figure in figures), _bars(points),
    ]  # fmt: skip


def _bars(points: Distribution) -> str:
    """The histogram as a line of blocks, each bin that holds anything at least a low one."""
    most = max(points.bins) or 1
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in points.bins)


def _checks(checks: tuple[CheckStatistics, ...]) -> Table:
    table = _table("Checks", ":", "passed", "earned", "commonest failure, cut:")
    for check in checks:
        common = ""
        if check.diagnoses:
            text, count = check.diagnoses[0]
            lost = check.count - check.statuses.get("passed", 0)
            # cut, so that most checks take a line: the table would be pages
            common = f"{count} of {lost}: {escape(textwrap.shorten(text, SHORT, placeholder=' …'))}"
        table.add_row(
            escape(check.id), f"{100 * check.pass_rate:.0f} %", f"{100 * check.share:.0f} %", common
        )
    return table


def _print_accuracies(console: Console, group: AccuracyGroup) -> None:
    table = _table(
        f"Accuracy, {group.data}, {group.tier} data", ":", "known", "unknown", "total", "AUROC"
    )
    for one in group.students[:MOST_STUDENTS]:
        table.add_row(
            shown(one.student, one.name), percent(one.known_accuracy),
            percent(one.unknown_accuracy), percent(one.total_accuracy),
            percent(one.auroc),
        )  # fmt: skip
    if group.reference:
        where = ", public data" if group.tier == "hidden" else ""
        figures = [group.reference.get(name) for name in
                   ("known_accuracy", "unknown_accuracy", "total_accuracy", "auroc")]  # fmt: skip
        table.add_row(f"the reference{where}", *map(percent, figures), style="bold")
    for system in group.published:
        table.add_row(
            system.name, percent(system.known_accuracy),
            percent(system.unknown_accuracy), percent(system.total_accuracy), "",
            style="dim",
        )  # fmt: skip
    console.print(table)
    if (more := len(group.students) - MOST_STUDENTS) > 0:
        console.print(f"[dim]the best {MOST_STUDENTS}; {more} more: --json FILE has them[/]")
    if group.published:
        console.print(f"[dim]{CAVEAT}[/]", soft_wrap=True)


def _time(seconds: Distribution) -> str:
    if seconds.quantiles is None or seconds.mean is None:
        return "none"
    total = seconds.mean * seconds.count
    return (
        f"median {seconds.quantiles[2]:.1f} s, longest {seconds.quantiles[-1]:.1f} s, "
        f"{total / 60:.1f} minutes in all"
    )


def _print_flags(console: Console, summary: Summary) -> None:
    if not summary.flags:
        console.print("Flags: none.")
        return
    console.print(f"[bold]Flags[/], {len(summary.flags)} to look at:")
    for flag in summary.flags[:MOST_FLAGS]:
        who = shown(flag.student, flag.name)
        text = escape(one_line(flag.text, 400))
        console.print(f"  [magenta]{flag.kind}[/] {who}: {text}", soft_wrap=True)
    if (more := len(summary.flags) - MOST_FLAGS) > 0:
        console.print(f"  [dim]{more} more: --json FILE has them[/]")


def shown(student: str, name: str) -> str:
    """A student in a line, safe to print."""
    return escape(one_line(f"{name} ({student})" if name and name != student else student, 60))
