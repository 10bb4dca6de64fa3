"""The driver of a batch: what is graded next, what is known already, what goes into the gradebook.

It alone writes the gradebook, a grade at a time, so that it can be killed at any moment and started
again. It holds no more submissions in memory than are being graded.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from typing import Any

from ..errors import GraderError, UsageError
from ..gradebook import Gradebook, GradeKey, NewGrade
from ..rubric import Rubric
from ..staging import given_files
from ..submission import Given, Submission
from ..text import one_line
from .isolated import Answer
from .keys import Keys
from .local import Graders
from .opening import Unusable, open_work
from .parcel import pack
from .records import UNUSABLE, Own, blank_record, of_another
from .settings import Settings
from .work import Work

LOOK_S = 0.5
Line = deque[Work]  # the attempts of one student that are not done yet
Opener = Callable[[Work, Given], Submission]


@dataclass(frozen=True)
class Done:
    """A submission that is finished with.

    Attributes:
        work: which.
        how: "graded", "reused" (identical work was graded), "kept" (the gradebook has it),
            "unusable" or "failed" (the grader's own fault).
        record: as it is kept; None for what is kept from before.
        duration_s: wall seconds that it took here.
        reason: of what was not graded, in one line.
        gallery: the pictures' numbers, as `Gallery.to_json` gives them; None where none were made.
    """

    work: Work
    how: str
    record: dict[str, Any] | None = None
    duration_s: float = 0.0
    reason: str = ""
    gallery: dict[str, Any] | None = None


@dataclass
class Summary:
    """What has become of a batch so far: how many were finished in which way, `Done.how`.

    Attributes:
        counts: by way.
        older: of the kept ones, how many another grader or other data gave.
        failed: whose grading the grader itself failed, and why.
        flags: what the instructor should look at: whose, and what.
        left: how many were not begun, since a limit was reached.
    """

    counts: dict[str, int] = field(default_factory=dict)
    older: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    flags: list[tuple[str, str]] = field(default_factory=list)
    left: int = 0

    def add(self, done: Done) -> None:
        """Count one more."""
        self.counts[done.how] = self.counts.get(done.how, 0) + 1
        if done.how == "failed":
            self.failed.append((done.work.student, done.reason))
        for flag in (done.record or {}).get("flags", ()):
            self.flags.append((done.work.student, flag))


@dataclass(frozen=True)
class Rules:
    """Which work is done.

    Attributes:
        regrade: "" grades what has no grade yet; "changed" also what has one by another grader or
            on other data; "all" everything.
        limit: how many gradings at most; None means any number.
    """

    regrade: str = ""
    limit: int | None = None


@dataclass
class _Running:
    line: Line
    key: GradeKey
    began: float
    own: Own
    followers: list[tuple[Line, Own]] = field(default_factory=list)  # identical work


class Batch:
    """One run over a class.

    Args:
        book: where grades are kept.
        graders: who grades.
        keys: of the grades.
        settings: of the gradings.
        rubric: of the records of what is not graded.
        rules: which work is done.
        tell: is told of each submission that is finished with.
        opener: reads a submission.
    """

    def __init__(
        self,
        book: Gradebook,
        graders: Graders,
        keys: Keys,
        settings: Settings,
        rubric: Rubric,
        rules: Rules,
        tell: Callable[[Done], None],
        opener: Opener = open_work,
    ) -> None:
        self._book = book
        self._graders = graders
        self._keys = keys
        self._settings = settings
        self._rubric = rubric
        self._rules = rules
        self._tell = tell
        self._open = opener
        self._given = given_files()
        self._running: dict[Future[Answer], _Running] = {}
        self._by_key: dict[GradeKey, _Running] = {}
        self._fresh: set[GradeKey] = set()  # graded in this run
        self._written: set[str] = set()  # students who have a new grade of this run
        self._begun = 0
        self.summary = Summary()

    def run(self, students: Iterable[Sequence[Work]]) -> None:
        """Grade a class.

        Raises:
            GraderError: it cannot go on: the gradebook cannot be written, the grader was changed,
                nobody is there to grade. What was kept before stays.
        """
        waiting = deque(deque(works) for works in students if works)
        while waiting or self._running:
            while waiting and len(self._running) < self._graders.room:
                self._begin(waiting.popleft())
            done, _ = wait(self._running, LOOK_S, FIRST_COMPLETED)
            for future in done:
                waiting.extendleft(self._finish(future))
            if not done:
                self._graders.check()

    def _begin(self, line: Line) -> None:
        """Finish with a student's attempts that need no grading, and submit the first that does."""
        while line and not self._is_submitted(line):
            line.popleft()

    def _is_submitted(self, line: Line) -> bool:
        """Whether the line waits for a grading now; else its first is finished with."""
        work, is_last = line[0], len(line) == 1
        try:
            submission = self._open(work, self._given)
        except Unusable as error:
            self._keep_unusable(work, str(error))
            return False
        except GraderError as error:
            self._keep_failure(work, self._keys.of_unusable(str(error)), str(error))
            return False
        key = self._keys.of(submission.sha256)
        if self._is_kept(work, key, is_last):
            return False
        if key in self._by_key:
            self._by_key[key].followers.append((line, Own.of(submission)))
            return True
        if known := self._known(key):
            self._keep(work, key, of_another(known, Own.of(submission)), "reused")
            return False
        if self._rules.limit is not None and self._begun >= self._rules.limit:
            self.summary.left += 1
            return False
        self._begun += 1
        future = self._graders.submit(pack(submission))
        running = _Running(line, key, time.monotonic(), Own.of(submission))
        self._running[future] = self._by_key[key] = running
        return True

    def _finish(self, future: Future[Answer]) -> list[Line]:
        """Keep what came of a grading; returns the students who can go on."""
        running = self._running.pop(future)
        del self._by_key[running.key]
        took_s = time.monotonic() - running.began
        try:
            answer = future.result()
        except CancelledError:  # by a scheduler that is gone, in most cases: then this says so
            self._graders.check()
            raise GraderError("gradings were called off") from None
        except Exception as error:
            answer = {"fault": one_line(f"{type(error).__name__}: {error}", 500)}
        lines = [(running.line, running.own), *running.followers]
        for number, (line, own) in enumerate(lines):
            work = line.popleft()
            if "record" in answer:
                record = of_another(answer["record"], own)
                how, gallery = "reused" if number else "graded", answer.get("gallery")
                self._keep(work, running.key, record, how, took_s, gallery=gallery)
            else:
                self._keep_failure(work, running.key, answer["fault"], took_s)
        if "record" in answer:
            self._fresh.add(running.key)
        return [line for line, _ in lines if line]

    def _is_kept(self, work: Work, key: GradeKey, is_last: bool) -> bool:
        """Whether the gradebook has this very grade, and as the student's newest where it must be.

        The newest counts, so an attempt before the last may lie anywhere among the older ones.
        """
        if self._rules.regrade == "all":
            return False
        final = [grade for grade in self._book.history(work.student) if grade.is_final]
        searched = final[-1:] if is_last else final
        if is_last and work.student in self._written:
            return False
        for grade in searched:
            same = (grade.attempt, grade.key.submission) == (work.attempt, key.submission)
            exactly = grade.key == key
            if same and self._is_enough(grade.record) and (exactly or not self._rules.regrade):
                self.summary.older += not exactly
                self._told(Done(work, "kept"))
                return True
        return False

    def _known(self, key: GradeKey) -> dict[str, Any] | None:
        """A record of identical work that may be used again."""
        if self._rules.regrade == "all" and key not in self._fresh:
            return None
        record = self._book.find(key)
        return record if record and self._is_enough(record) else None

    def _is_enough(self, record: dict[str, Any]) -> bool:
        """Whether a record was made in a box as strong as the one that is asked for now."""
        return self._settings.sandbox != "require" or record["sandbox"] == "bwrap"

    def _keep_unusable(self, work: Work, reason: str) -> None:
        key = self._keys.of_unusable(reason)
        record = self._blank(work, key, UNUSABLE, reason)
        known = self._book.history(work.student)
        if any((grade.attempt, grade.key) == (work.attempt, key) for grade in known):
            self._told(Done(work, "unusable", record, reason=reason))
        else:
            self._keep(work, key, record, "unusable", reason=reason)

    def _keep_failure(self, work: Work, key: GradeKey, reason: str, took_s: float = 0.0) -> None:
        record = self._blank(work, key, "grader_error", reason)
        self._keep(work, key, record, "failed", took_s, reason)

    def _blank(self, work: Work, key: GradeKey, status: str, reason: str) -> dict[str, Any]:
        return blank_record(
            work.source, key.submission, status, reason, self._settings, self._rubric
        )

    def _keep(
        self,
        work: Work,
        key: GradeKey,
        record: dict[str, Any],
        how: str,
        took_s: float = 0.0,
        reason: str = "",
        gallery: dict[str, Any] | None = None,
    ) -> None:
        """Write one grade, if it still follows from what its key says."""
        self._keys.check()
        if how != "failed" and record["status"] == "grader_error":
            how, reason = "failed", _fault_of(record)
        grade = NewGrade(work.student, work.name, work.attempt, work.source, key, record)
        try:
            self._book.add(grade)
        except (sqlite3.Error, OSError, UsageError) as error:
            raise GraderError(f"{self._book.path}: it cannot be written ({error})") from None
        self._written.add(work.student)
        self._told(Done(work, how, record, took_s, reason, gallery))

    def _told(self, done: Done) -> None:
        self.summary.add(done)
        self._tell(done)


def _fault_of(record: dict[str, Any]) -> str:
    """What the grader met with, of the first check that tells."""
    broken = (
        f"{check['id']}: {check['message']}"
        for task in record["tasks"]
        for check in task["checks"]
        if check["status"] == "grader_error"
    )
    return next(broken, "no check was run")
