"""One watch: looks at the folder, grades what was saved, shows it, and listens to the keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import GraderError, UsageError
from ..record import TaskResult
from ..rubric import MAX_HINTS
from .folder import Contents, Settling, look
from .keys import Keys
from .screen import Screen
from .state import State, graded, more_help, tasks_of

POLL_S = 0.2

Grade = Callable[[tuple[str, ...]], Sequence[TaskResult]]


class Session:
    """A watch over one folder.

    Args:
        folder: where the modules are.
        may_take: whether a grading takes a file of that name.
        tasks: ids of all tasks, in the rubric's order.
        grade: grades some of them.
        screen: where it is shown.
    """

    def __init__(
        self,
        folder: Path,
        may_take: Callable[[str], bool],
        tasks: Sequence[str],
        grade: Grade,
        screen: Screen,
    ) -> None:
        self._folder, self._may_take, self._tasks = folder, may_take, tuple(tasks)
        self._grade, self._screen = grade, screen
        first = look(folder, may_take)  # before the first grading, so that no save is missed
        self._settling = Settling(first)
        self._contents = Contents(folder, first)
        self._state = State({})

    def begin(self) -> None:
        """Grade everything once.

        Raises:
            UsageError: it is no submission.
            GraderError: the grader failed.
        """
        self._regrade(self._tasks, "everything was graded")

    def run(self, keys: Keys) -> None:
        """Watch until `q` is pressed, or until a KeyboardInterrupt."""
        while (key := keys.wait(POLL_S)) != "q":
            if key:
                self._press(key)
            self.poll(time.monotonic())

    def poll(self, clock: float) -> None:
        """Look at the folder once, and grade what was saved.

        Args:
            clock: seconds, from any beginning.
        """
        now = look(self._folder, self._may_take)
        names = self._contents.differing(self._settling.update(now, clock))
        if not names:
            return
        self._screen.gone(sorted(names - now.keys()))
        saved = sorted(names & now.keys())
        if tasks := tasks_of(saved, self._tasks):
            self._try(tasks, f"{', '.join(saved)} saved")

    def _press(self, key: str) -> None:
        if key == "h":
            self._state = more_help(self._state, MAX_HINTS + 1)  # beyond the last: says so
            self._screen.hint(self._state)
        elif key == "a":
            self._try(self._tasks, "everything was graded")

    def _try(self, tasks: tuple[str, ...], why: str) -> None:
        try:
            self._regrade(tasks, why)
        except (UsageError, GraderError) as error:  # the next save may mend it
            self._screen.problem(str(error))

    def _regrade(self, tasks: tuple[str, ...], why: str) -> None:
        started = time.perf_counter()
        results = self._grade(tasks)
        self._state = graded(self._state, results, MAX_HINTS)
        self._screen.show(self._state, why, time.perf_counter() - started)
