"""How long student code may keep the grader waiting: within one check, and over all of them.

Each call has limits of its own. Without these, code that stays just below them in every call, or
sleeps in every call until its time is over, could hold up a class for hours.
"""

from __future__ import annotations

from .errors import TimedOut

NAPS = 3


class Budget:
    """Wall seconds that requests may take together; only time spent waiting for replies counts.

    Args:
        check_s: for the requests of one check.
        all_s: for those of all checks.
        naps: how many calls may sleep until their time is over.
    """

    def __init__(self, check_s: float, all_s: float, naps: int = NAPS) -> None:
        self._check_s, self._all_s, self._naps = check_s, all_s, naps
        self._slept = 0
        self._of_check = self._of_all = 0.0

    def begin_check(self) -> None:
        """Start counting anew for the next check."""
        self._of_check = 0.0

    def left_s(self) -> float:
        """How long the next request may take, above 0.

        Raises:
            TimedOut: nothing is left.
        """
        if self._slept >= self._naps:
            raise TimedOut(
                f"{self._naps} calls computed nothing until their time was over: "
                "the remaining checks are not run"
            )
        if self._of_all >= self._all_s:
            raise TimedOut(
                f"the code has kept the grader waiting for {self._all_s:g} s in all: "
                "the remaining checks are not run"
            )
        if self._of_check >= self._check_s:
            raise TimedOut(f"the calls of this check took more than {self._check_s:g} s together")
        return min(self._check_s - self._of_check, self._all_s - self._of_all)

    def sleep(self) -> None:
        """Count a call that computed nothing until its time was over."""
        self._slept += 1

    def spend(self, seconds: float) -> None:
        """Count a request that took that long."""
        self._of_check += seconds
        self._of_all += seconds
