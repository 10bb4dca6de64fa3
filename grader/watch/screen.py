"""A watch on the terminal, or in a file: plain lines, and nothing that a terminal must obey."""

from __future__ import annotations

import time
from collections.abc import Iterable

from rich.console import Console

from ..advice import file_of, next_task, number_of, reason
from ..console import check_line, escape, print_progress
from ..progress import points
from ..record import TaskResult
from ..rubric import CheckEntry, Rubric
from ..text import one_line
from ..wrapping import say
from .state import State

KEYS = "h: next hint   a: grade everything again   q: quit"


class Screen:
    """Prints what a watch has found.

    Args:
        console: where to.
        rubric: whose hints are shown.
        has_keys: whether there is a keyboard to ask for the next one.
    """

    def __init__(self, console: Console, rubric: Rubric, has_keys: bool) -> None:
        self._console = console
        self._rubric = rubric
        self._has_keys = has_keys
        self._entries = {check.id: check for task in rubric.tasks for check in task.checks}

    def begin(self, folder: str) -> None:
        """Say what is watched, before the first grading."""
        say(self._console, f"[dim]watching {escape(folder)}; Ctrl-C ends it[/]")

    def end(self) -> None:
        """Say that the watch is over."""
        say(self._console, "[dim]the watch has ended[/]")

    def show(self, state: State, why: str, seconds: float) -> None:
        """A whole page: the task, its first failing check, the progress, what is next.

        Args:
            state: what is known.
            why: what was graded for.
            seconds: how long it took; 0 where nothing was graded.
        """
        if self._console.is_interactive:
            self._console.clear()
        self._console.print()
        clock = time.strftime("%H:%M:%S")
        took = f", graded in {seconds:.1f} s" if seconds else ""
        say(self._console, f"[dim]{clock}  {escape(why)}{took}[/]")
        if state.task is not None:
            self._task(state.task, state)
        self._console.print()
        worth = {task.id: task.points for task in self._rubric.tasks}
        print_progress(self._console, worth, state.results)
        self._next(state)
        if self._has_keys:
            say(self._console, f"[dim]{KEYS}[/]")

    def hint(self, state: State) -> None:
        """One more hint, below the page."""
        if state.check is not None and not state.check.hint:
            say(self._console, "no hint helps here: see the message")
        elif state.check is not None:
            self._hints(self._entries[state.check.id], state.help.hints, state.help.hints - 1)
        else:
            say(self._console, "no check is lost here, so there is no hint")

    def problem(self, text: str) -> None:
        """Say in one line why nothing could be graded; the watch goes on."""
        say(self._console, f"[red]not graded:[/] {escape(one_line(text, 500))}")

    def gone(self, names: Iterable[str]) -> None:
        """Say which files are not there any more."""
        for name in names:
            say(self._console, f"[yellow]{escape(name)} is gone: save it again[/]")

    def _task(self, task: TaskResult, state: State) -> None:
        passed = sum(check.score == check.max_score for check in task.checks)
        many = len(task.checks)
        say(
            self._console,
            f"[bold]{escape(task.title)}[/] {points(task.score)} / {points(task.max_score)}: "
            + (f"all {many} checks pass" if passed == many else f"{passed} of {many} checks pass"),
        )
        for gained in state.gained:
            say(self._console, check_line(gained), indent=2)
        check = state.check
        if check is None:
            return
        say(self._console, check_line(check), indent=2)
        if check.message:
            say(self._console, escape(check.message), indent=6)
        if check.hint:  # else its file cannot be used, and a hint would mislead
            self._hints(self._entries[check.id], state.help.hints, 0)

    def _hints(self, entry: CheckEntry, shown: int, before: int) -> None:
        """Hints of a check, those after the first `before`, and how to get the next one."""
        many = len(entry.hints)
        for number, hint in enumerate(entry.hints[before:shown], start=before + 1):
            say(self._console, f"[cyan]hint {number} of {many}:[/] {escape(hint)}", indent=6)
        if shown > many or (shown == many and before == many):
            say(self._console, "[dim]there are no more hints[/]", indent=6)
        elif 0 < shown < many and not self._has_keys:
            more = "the next hint comes when a save gets no further"
            say(self._console, f"[dim]{more}[/]", indent=6)

    def _next(self, state: State) -> None:
        task = next_task(state.results.values())
        if task is None:
            say(self._console, "[green]Everything has its points: hand it in.[/]")
        elif task.id != state.focus:
            where = f" ({file_of(task)})" if task.id != "accuracy" else ""
            what = f"{number_of(task)}{where}: {reason(task)}"
            say(self._console, f"[dim]Next:[/] {escape(what)}")
