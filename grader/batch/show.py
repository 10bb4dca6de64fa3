"""A batch on the terminal: a bar with the time left, a line a finished submission, a summary."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ..console import escape
from .driver import Done, Summary
from .find import Class

MARKS = {
    "graded": "[green]✓[/]",
    "reused": "[green]=[/]",
    "unusable": "[yellow]-[/]",
    "failed": "[magenta]![/]",
}
TITLES = {
    "graded": "graded",
    "reused": "with a grade of identical work",
    "kept": "graded before",
    "unusable": "unusable",
    "failed": "failed by the grader",
}
MOST_LINES = 20


class _Patient(Console):
    """Rich's console, which of its own accord ends the process when its reader goes away."""

    def on_broken_pipe(self) -> None:
        _hush()


class Screen:
    """Says what happens; a reader that has gone, or a full disk behind it, does not end a batch."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str, *, markup: bool = True) -> None:
        """Print one line."""
        try:
            self._console.print(text, markup=markup, highlight=False, soft_wrap=True)
        except OSError:
            _hush()

    def begin(self, found: Class, everybody: int) -> None:
        """Say what was found, and how many students there are with those not asked for."""
        chosen = len(found.students)
        of = "" if chosen == everybody else f", {chosen} of them asked for"
        self.say(f"[dim]layout {found.layout}: {everybody} students{of}[/]")
        if found.skipped:
            names = ", ".join(found.skipped[:5])
            more = f" and {len(found.skipped) - 5} more" if len(found.skipped) > 5 else ""
            self.say(f"[dim]no submissions: {escape(names)}{more}[/]")
        for refused in found.refused:
            source, reason = escape(refused.source), escape(refused.reason)
            self.say(f"[yellow]refused[/] {source}: {reason}")

    def done(self, done: Done) -> None:
        """Say what came of one submission."""
        if done.how != "kept":
            self.say(_line(done))

    def end(self, summary: Summary, found: Class) -> None:
        """Say what came of the batch."""
        counts = [f"{n} {TITLES[how]}" for how in TITLES if (n := summary.counts.get(how))]
        counts += [f"{len(found.refused)} refused"] * bool(found.refused)
        counts += [f"{summary.left} left for another run"] * bool(summary.left)
        self.say(f"\n[bold]{', '.join(counts) or 'nothing to do'}[/]")
        if summary.older:
            self.say(
                f"{summary.older} of those graded before had another version of the grader, or "
                "other data or options: --regrade changed grades them again"
            )
        _listed(self, "flag", summary.flags)
        _listed(self, "failed", summary.failed)


@contextlib.contextmanager
def progress(
    total: int, room: Callable[[], int]
) -> Iterator[tuple[Screen, Callable[[Done], None]]]:
    """A bar, on a terminal only, while a batch runs.

    Args:
        total: how many attempts there are.
        room: how many are graded at a time, now.

    Yields:
        Where to say things meanwhile, and what to call after each finished one.
    """
    console = _Patient(highlight=False)
    bar = console if console.is_terminal else _Patient(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=bar, transient=True, disable=not bar.is_terminal) as shown:
        task = shown.add_task("", total=total, left="")
        screen, clock = Screen(console), _Clock(total)

        def tell(done: Done) -> None:
            screen.done(done)
            shown.update(task, advance=1, left=clock.left(done, room()))

        yield screen, tell


class _Clock:
    """Estimates the time left from how long gradings took, however many needed none."""

    def __init__(self, total: int) -> None:
        self._left = total
        self._took: list[float] = []

    def left(self, done: Done, room: int) -> str:
        self._left -= 1
        if done.how == "graded":
            self._took.append(done.duration_s)
        if not self._took:
            return ""
        seconds = sum(self._took) / len(self._took) * self._left / max(1, room)
        return f"about {seconds / 60:.0f} min left" if seconds > 90 else f"{seconds:.0f} s left"


def _hush() -> None:
    """Let what is still printed go nowhere; Python must not flush to a broken place at its end."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _line(done: Done) -> str:
    record: dict[str, Any] = done.record or {}
    work = done.work
    who = escape(f"{work.student} {work.name}".strip())
    attempt = f" [dim]attempt {escape(work.attempt)}[/]" if work.attempt else ""
    mark = MARKS.get(done.how, " ")
    if done.how in ("unusable", "failed"):
        return f"{mark} {who}{attempt}  {done.how}: {escape(done.reason)}"
    score = f"{record['score']:g}/{record['max_score']:g}"
    flagged = "  [magenta]flagged[/]" * bool(record["flags"])
    return f"{mark} {who}{attempt}  {score}  {done.how}  {done.duration_s:.1f} s{flagged}"


def _listed(screen: Screen, title: str, found: list[tuple[str, str]]) -> None:
    for student, text in found[:MOST_LINES]:
        screen.say(f"[magenta]{title}[/] {escape(student)}: {escape(text)}")
    if len(found) > MOST_LINES:
        screen.say(f"… and {len(found) - MOST_LINES} more")
