"""The gradebook itself: one SQLite file in WAL mode that is only ever added to."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import UsageError
from .grade import Grade, GradeKey, NewGrade
from .schema import APPLICATION_ID, MIGRATIONS, VERSION

COLUMNS = "id, student, name, attempt, source, submission, grader, data, record, graded_at"


def utc_now() -> str:
    """The time, UTC, ISO 8601, to the second."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


class Gradebook:
    """A gradebook that is open; close it, or use it in a `with`."""

    def __init__(
        self, path: Path, *, create: bool = True, clock: Callable[[], str] = utc_now
    ) -> None:
        """Open a gradebook.

        Args:
            path: its file.
            create: make it where there is none.
            clock: tells the time of what is added.

        Raises:
            UsageError: there is none, or it cannot be used; it is left as it is.
        """
        self.path = path
        self._clock = clock
        if not create and not path.exists():
            raise UsageError(f"{path}: there is no such gradebook")
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version < VERSION:
            steps = "".join(MIGRATIONS[version:])
            self._connection.executescript(
                f"BEGIN;{steps}PRAGMA application_id = {APPLICATION_ID};"
                f"PRAGMA user_version = {VERSION};COMMIT;"
            )

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
        """Keep a grade, in one transaction.

        A final grade that the student has already as the newest one, by attempt and key, is not
        kept twice.

        Returns:
            Its number, or that of the one that is there already.
        """
        row = (
            grade.student, grade.name, grade.attempt, grade.source,
            grade.key.submission, grade.key.grader, grade.key.data,
            int(grade.is_final), json.dumps(grade.record), self._clock(),
        )  # fmt: skip
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            same = self._connection.execute(
                "SELECT id, attempt, submission, grader, data FROM grades"
                " WHERE student = ? AND final = ? ORDER BY id DESC LIMIT 1",
                (grade.student, int(grade.is_final)),
            ).fetchone()
            key = grade.key
            if same and same[1:] == (grade.attempt, key.submission, key.grader, key.data):
                number = same[0]
            else:
                number = self._connection.execute(
                    "INSERT INTO grades (student, name, attempt, source, submission, grader,"
                    " data, final, record, graded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                ).lastrowid
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        return int(number)

    def find(self, key: GradeKey) -> dict[str, Any] | None:
        """A final record of identical work, of anyone's; None where there is none."""
        row = self._connection.execute(
            "SELECT record FROM grades WHERE submission = ? AND grader = ? AND data = ? AND final"
            " ORDER BY id DESC LIMIT 1",
            (key.submission, key.grader, key.data),
        ).fetchone()
        return dict(json.loads(row[0])) if row else None

    def current(self) -> list[Grade]:
        """One grade a student, sorted by student: the newest final one, else the newest."""
        query = f"SELECT {COLUMNS} FROM current ORDER BY student"  # noqa: S608 (constants)
        return [_to_grade(row) for row in self._connection.execute(query)]

    def history(self, student: str = "") -> list[Grade]:
        """Every grade, of one student or of all, the oldest first."""
        query = f"SELECT {COLUMNS} FROM grades WHERE ? IN ('', student) ORDER BY id"  # noqa: S608
        return [_to_grade(row) for row in self._connection.execute(query, (student,))]


def _to_grade(row: tuple[Any, ...]) -> Grade:
    number, student, name, attempt, source, submission, grader, data, record, graded_at = row
    return Grade(
        id=number,
        student=student,
        name=name,
        attempt=attempt,
        source=source,
        key=GradeKey(submission, grader, data),
        record=json.loads(record),
        graded_at=graded_at,
    )
