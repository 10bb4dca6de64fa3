"""How long student code may keep the grader waiting: within one check, and over all of them.

Each call has limits of its own. Without these two, code that stays just below them in every call
could hold up a class for hours.
"""

from __future__ import annotations

from .errors import TimedOut


class Budget:
    """Wall seconds that requests may take together; only time spent waiting for replies counts.

    Args:
        check_s: for the requests of one check.
        all_s: for those of all checks.
    """

    def __init__(self, check_s: float, all_s: float) -> None:
        self._check_s, self._all_s = check_s, all_s
        self._of_check = self._of_all = 0.0

    def begin_check(self) -> None:
        """Start counting anew for the next check."""
        self._of_check = 0.0

    def left_s(self) -> float:
        """How long the next request may take, above 0.

        Raises:
            TimedOut: nothing is left.
        """
        if self._of_all >= self._all_s:
            raise TimedOut(
                f"the code has kept the grader waiting for {self._all_s:g} s in all: "
                "the remaining checks are not run"
            )
        if self._of_check >= self._check_s:
            raise TimedOut(f"the calls of this check took more than {self._check_s:g} s together")
        return min(self._check_s - self._of_check, self._all_s - self._of_all)

    def spend(self, seconds: float) -> None:
        """Count a request that took that long."""
        self._of_check += seconds
        self._of_all += seconds
