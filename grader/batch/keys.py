"""The keys of a batch's grades, and whether they still hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..errors import GraderError, UsageError
from ..gradebook import GradeKey
from ..gradebook.key import data_sha256, grader_sha256, marking_files
from .settings import Settings


class Keys:
    """Taken at the start; looked at again before each grade is kept.

    Only what a mark depends on and has another date or size is hashed again.

    Raises:
        UsageError, GraderError: as `grader_sha256` and `data_sha256`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        hidden = settings.hidden
        self._files = [*marking_files(), *([hidden] if hidden else [])]
        self._dates = self._look()
        self.grader, self.data = self._hash()

    def of(self, submission_sha256: str) -> GradeKey:
        """The key of a submission's grade."""
        return GradeKey(submission_sha256, self.grader, self.data)

    def of_unusable(self, reason: str) -> GradeKey:
        """The key of what could not be opened: nothing else of it is known than why."""
        return self.of(hashlib.sha256(f"unusable\n{reason}".encode()).hexdigest())

    def check(self) -> None:
        """Nothing, if grades still follow from what they followed from at the start.

        Raises:
            GraderError: they do not.
        """
        dates = self._look()
        if dates == self._dates:
            return
        try:
            same = self._hash() == (self.grader, self.data)
        except UsageError:  # the bundle is gone
            same = False
        if not same:
            changed = sorted(path.name for path in dates if dates[path] != self._dates.get(path))
            raise GraderError(
                f"the grader or its data changed while the batch ran ({', '.join(changed[:3])})"
            )
        self._dates = dates

    def _hash(self) -> tuple[str, str]:
        grader, extra = grader_sha256(), self._settings.extra
        if extra:
            grader = hashlib.sha256(f"{grader}\n{extra}".encode()).hexdigest()
        return grader, data_sha256(self._settings.data, self._settings.hidden)

    def _look(self) -> dict[Path, tuple[int, int]]:
        dates = {}
        for path in self._files:
            try:
                status = path.stat()
            except OSError:
                dates[path] = (0, 0)
            else:
                dates[path] = (status.st_mtime_ns, status.st_size)
        return dates
