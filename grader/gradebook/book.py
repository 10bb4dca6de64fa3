"""The gradebook itself: one SQLite file in WAL mode that is only ever added to."""

from __future__ import annotations

import contextlib
import datetime
import json
import math
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import GraderError, UsageError
from ..record import SCHEMA
from ..text import one_line
from .changes import same_marks
from .grade import Adjustment, Grade, GradeKey, NewGrade
from .opening import open_file, refusal
from .schema import VERSION
from .whole import what_lacks

PATIENCE_S = 30.0
LONGEST = 4000  # characters; a file's name of nothing but escapes stays whole
COLUMNS = "id, student, name, attempt, source, submission, grader, data, record, graded_at, run"


def utc_now() -> str:
    """The time, UTC, ISO 8601, to the second."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


class Gradebook:
    """A gradebook that is open; close it, or use it in a `with`.

    Several programs may have it open, and one at a time adds a grade. It may be used by the thread
    that opened it alone, and not in a process forked from that.
    """

    def __init__(
        self,
        path: Path,
        *,
        create: bool = True,
        writing: bool = True,
        clock: Callable[[], str] = utc_now,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Open a gradebook.

        Args:
            path: its file.
            create: make it where there is none.
            writing: refuse at once what cannot be added to; False for those who only read.
            clock: tells the time of what is added.
            patience_s: how long to wait for another program that writes to it.

        Raises:
            UsageError: there is none, or it cannot be used: foreign, damaged, of a newer version,
                not to be written to. It is left as it is.
        """
        self.path = path
        self._clock = clock
        self._run: int | None = None
        self._connection = open_file(path, create, writing, patience_s)
        try:
            if writing:  # that it cannot be written to is better known now than after an hour
                with self._transaction(keep=False):
                    self._connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; nothing is lost where that does not happen."""
        self._connection.close()

    def add(self, grade: NewGrade) -> int:
        """Keep a grade, in one transaction: when this returns, it is on the disk.

        What the student's newest final grade says already, for the same attempt and key, is not
        kept twice; nor is what their newest broken grading said. Work that comes back after other
        work is kept again, since it counts again.

        Returns:
            Its number, or that of the one that is there already.

        Raises:
            UsageError: another program keeps the gradebook to itself.
            GraderError: the disk is full or fails; what was kept before stays kept.
            ValueError: the record is none of schema osr-grade/1, or the student has no id.
        """
        student = clean(grade.student)
        if not student.strip():
            raise ValueError("a grade without a student")
        if grade.record.get("schema") != SCHEMA:
            raise ValueError(f"no record of schema {SCHEMA}")
        record = json.dumps(grade.record, allow_nan=False)
        attempt, key = clean(grade.attempt), grade.key
        with self._transaction():
            newest = self._one(
                "SELECT id, attempt, submission, grader, data, record FROM grades"
                " WHERE student = ? AND final = ? ORDER BY id DESC LIMIT 1",
                (student, int(grade.is_final)),
            )
            work = (attempt, key.submission, key.grader, key.data)
            if newest and newest[1:5] == work and self._says(newest[0], newest[5], grade.record):
                return int(newest[0])
            cursor = self._connection.execute(
                "INSERT INTO grades (student, name, attempt, source, submission, grader, data,"
                " final, record, graded_at, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    student, clean(grade.name), attempt, clean(grade.source), *work[1:],
                    int(grade.is_final), record, self._clock(), self._this_run(),
                ),
            )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def find(self, key: GradeKey) -> dict[str, Any] | None:
        """A final record of identical work, of anyone's; None where there is none.

        Raises:
            UsageError: the gradebook is damaged.
        """
        with self._reading():
            row = self._one(
                "SELECT id, record FROM grades"
                " WHERE submission = ? AND grader = ? AND data = ? AND final"
                " ORDER BY id DESC LIMIT 1",
                (key.submission, key.grader, key.data),
            )
            return self._parsed(*row) if row else None

    def current(self) -> list[Grade]:
        """One grade a student, sorted by student: the newest final one, else the newest.

        Raises:
            UsageError: the gradebook is damaged.
        """
        grades = self._grades(f"SELECT {COLUMNS} FROM current ORDER BY student", ())  # noqa: S608
        for grade in grades:
            if problem := what_lacks(grade.record):
                raise UsageError(
                    f"{self.path}: grade {grade.id}, of {one_line(grade.student)}: {problem}; take "
                    "a copy from before, or give the student a new grade: batch --only ID "
                    "--regrade all"
                )
        return grades

    def current_at(self, number: int) -> list[Grade]:
        """What `current` was when grade `number` was the newest; adjustments are today's.

        Raises:
            UsageError: the gradebook is damaged.
        """
        newest = (
            "SELECT COALESCE(MAX(CASE WHEN final THEN id END), MAX(id)) FROM grades"
            " WHERE id <= ? GROUP BY student"
        )
        query = f"SELECT {COLUMNS} FROM grades WHERE id IN ({newest}) ORDER BY student"  # noqa: S608
        return self._grades(query, (number,))

    def history(self, student: str = "") -> list[Grade]:
        """Every grade, of one student or of all, the oldest first.

        Raises:
            UsageError: the gradebook is damaged.
        """
        if not student:
            return self._grades(f"SELECT {COLUMNS} FROM grades ORDER BY id", ())  # noqa: S608
        query = f"SELECT {COLUMNS} FROM grades WHERE student = ? ORDER BY id"  # noqa: S608
        return self._grades(query, (clean(student),))

    def before_last_run(self) -> int:
        """The number of the last grade before the newest batch; 0 where there was none.

        Raises:
            UsageError: the gradebook is damaged.
        """
        return self._number(
            "SELECT MAX(id) FROM grades WHERE id <"
            " (SELECT MIN(id) FROM grades WHERE run = (SELECT MAX(run) FROM grades))",
            (),
        )

    def last_number(self) -> int:
        """The number of the newest grade; 0 where there is none.

        Raises:
            UsageError: the gradebook is damaged.
        """
        return self._number("SELECT MAX(id) FROM grades", ())

    def last_until(self, time: str) -> int:
        """The number of the last grade kept up to a time (UTC, ISO 8601); 0 where there is none.

        Raises:
            UsageError: the gradebook is damaged.
        """
        return self._number("SELECT MAX(id) FROM grades WHERE graded_at <= ?", (time,))

    def adjust(
        self, student: str, points: float, *, relative: bool, reason: str, by: str = ""
    ) -> None:
        """Set a final score beside the automatic mark; it replaces an earlier adjustment.

        Args:
            student: who, by id.
            points: the final score; or, where `relative`, what to add to the automatic mark.
            relative: whether they are added.
            reason: why.
            by: who decided.

        Raises:
            UsageError: there is no reason, no such student, or the points are no number.
            GraderError: the disk is full or fails.
        """
        if not reason.strip():
            raise UsageError("an adjustment needs a reason: --reason TEXT")
        if not math.isfinite(points) or (points < 0 and not relative):
            raise UsageError(f"{points:g} is no score")
        self._adjust(student, points, relative, reason, by)

    def undo_adjustment(self, student: str, *, reason: str = "", by: str = "") -> None:
        """Take a student's adjustment back: the automatic mark is the final score again.

        Raises:
            UsageError: there is none to take back.
            GraderError: the disk is full or fails.
        """
        if clean(student) not in self._adjustments():
            raise UsageError(f"{one_line(student)}: there is no adjustment to take back")
        self._adjust(student, None, False, reason, by)

    def adjustments(self, student: str) -> list[tuple[Adjustment, bool]]:
        """All adjustments of a student, the oldest first; True for one that takes back another.

        Raises:
            UsageError: the gradebook is damaged.
        """
        with self._reading():
            rows = self._connection.execute(
                "SELECT points, relative, reason, made_by, made_at FROM adjustments"
                " WHERE student = ? ORDER BY id",
                (clean(student),),
            ).fetchall()
        return [(_to_adjustment(*row), row[0] is None) for row in rows]

    def _adjust(
        self, student: str, points: float | None, relative: bool, reason: str, by: str
    ) -> None:
        student = clean(student)
        with self._transaction():
            if self._one("SELECT 1 FROM grades WHERE student = ?", (student,)) is None:
                raise UsageError(f"{one_line(student)}: no such student in the gradebook")
            self._connection.execute(
                "INSERT INTO adjustments (student, points, relative, reason, made_by, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (student, points, int(relative), clean(reason), clean(by), self._clock()),
            )

    def _adjustments(self) -> dict[str, Adjustment]:
        """Those in force, by student."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT student, points, relative, reason, made_by, made_at FROM adjustments"
                " WHERE id IN (SELECT MAX(id) FROM adjustments GROUP BY student)"
                " AND points IS NOT NULL"
            ).fetchall()
        return {student: _to_adjustment(*rest) for student, *rest in rows}

    def _grades(self, query: str, values: tuple[Any, ...]) -> list[Grade]:
        adjustments = self._adjustments()
        with self._reading():
            return [
                Grade(
                    id=row[0], student=row[1], name=row[2], attempt=row[3], source=row[4],
                    key=GradeKey(*row[5:8]), record=self._parsed(row[0], row[8]),
                    graded_at=row[9], run=row[10], adjustment=adjustments.get(row[1]),
                )
                for row in self._connection.execute(query, values)
            ]  # fmt: skip

    def _parsed(self, number: int, record: str) -> dict[str, Any]:
        try:
            return dict(json.loads(record))
        except (ValueError, TypeError, RecursionError):
            raise UsageError(
                f"{self.path}: this gradebook is damaged (the record of grade {number}); "
                "take a copy from before"
            ) from None

    def _says(self, number: int, kept: str, record: dict[str, Any]) -> bool:
        return same_marks(self._parsed(number, kept), record)

    def _one(self, query: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        return row

    def _number(self, query: str, values: tuple[Any, ...]) -> int:
        with self._reading():
            row = self._one(query, values)
        return int(row[0] or 0) if row else 0

    def _this_run(self) -> int:
        """One more than the last run's number, the same for all that is added from here."""
        if self._run is None:
            row = self._one("SELECT COALESCE(MAX(run), 0) + 1 FROM grades", ())
            self._run = int(row[0]) if row else 1
        return self._run

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise refusal(self.path, error) from None

    @contextlib.contextmanager
    def _transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All of it or nothing; nothing at all where it is not to be kept."""
        run = self._run
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT" if keep else "ROLLBACK")
        except BaseException as error:
            self._run = run
            with contextlib.suppress(sqlite3.Error):  # SQLite has rolled back where it had to
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            if not isinstance(error, sqlite3.Error):
                raise
            if any(words in str(error) for words in ("is full", "I/O")):
                raise GraderError(
                    f"{self.path}: this grade could not be kept ({error}); those before it are"
                ) from None
            raise refusal(self.path, error) from None


def clean(text: str) -> str:
    """A text as the gradebook keeps it: one spelling, one line, nothing a terminal obeys."""
    return one_line(unicodedata.normalize("NFC", text), longest=LONGEST)


def _to_adjustment(
    points: float | None, relative: int, reason: str, by: str, at: str
) -> Adjustment:
    return Adjustment(points or 0.0, bool(relative), reason, by, at)
