"""The gradebook's tables, and the steps from one version of them to the next."""

from __future__ import annotations

APPLICATION_ID = 0x4F53524C  # "OSRL", in the file's header: which program it belongs to


def _only_grows(table: str) -> tuple[str, ...]:
    """Triggers that refuse to change, remove or replace a row, whoever asks."""
    refusal = f"SELECT RAISE(ABORT, 'the gradebook only grows: {table} are never changed');"
    return (
        f"CREATE TRIGGER {table}_not_updated BEFORE UPDATE ON {table} BEGIN {refusal} END",
        f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} BEGIN {refusal} END",
        # INSERT OR REPLACE removes rows without asking the trigger above.
        f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table}"  # noqa: S608 (our names)
        f" WHEN (SELECT COUNT(*) FROM {table} WHERE id = NEW.id) BEGIN {refusal} END",
    )


_GRADES = (
    """CREATE TABLE grades (
        id          INTEGER PRIMARY KEY,
        student     TEXT NOT NULL CHECK (student <> ''),
        name        TEXT NOT NULL,
        attempt     TEXT NOT NULL,
        source      TEXT NOT NULL,
        submission  TEXT NOT NULL,
        grader      TEXT NOT NULL,
        data        TEXT NOT NULL,
        final       INTEGER NOT NULL CHECK (final IN (0, 1)),
        record      TEXT NOT NULL,
        graded_at   TEXT NOT NULL
    )""",
    "CREATE INDEX grades_of_student ON grades (student, final, id)",
    "CREATE INDEX grades_by_key ON grades (submission, grader, data, final, id)",
    *_only_grows("grades"),
    """CREATE VIEW current AS
        SELECT grades.* FROM grades JOIN (
            SELECT COALESCE(MAX(CASE WHEN final THEN id END), MAX(id)) AS id
            FROM grades GROUP BY student
        ) AS newest ON newest.id = grades.id""",
)
_RUNS_AND_ADJUSTMENTS = (
    # Which opening of the gradebook added it: one batch, one number. Before there was this: 0.
    "ALTER TABLE grades ADD COLUMN run INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE adjustments (
        id        INTEGER PRIMARY KEY,
        student   TEXT NOT NULL CHECK (student <> ''),
        points    REAL,  -- NULL takes the one before back
        relative  INTEGER NOT NULL CHECK (relative IN (0, 1)),
        reason    TEXT NOT NULL,
        made_by   TEXT NOT NULL,
        made_at   TEXT NOT NULL
    )""",
    "CREATE INDEX adjustments_of_student ON adjustments (student, id)",
    *_only_grows("adjustments"),
)

MIGRATIONS = (_GRADES, _RUNS_AND_ADJUSTMENTS)  # the n-th makes version n of version n - 1
VERSION = len(MIGRATIONS)
