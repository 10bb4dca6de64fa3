"""The gradebook's tables, and the steps from one version of them to the next."""

from __future__ import annotations

APPLICATION_ID = 0x4F53524C  # "OSRL"

_VERSION_1 = """
CREATE TABLE grades (
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
);
CREATE INDEX grades_of_student ON grades (student, final, id);
CREATE INDEX grades_by_key ON grades (submission, grader, data, final, id);
CREATE TRIGGER grades_keep BEFORE UPDATE ON grades
    BEGIN SELECT RAISE(ABORT, 'the gradebook only grows: grades are never changed'); END;
CREATE TRIGGER grades_stay BEFORE DELETE ON grades
    BEGIN SELECT RAISE(ABORT, 'the gradebook only grows: grades are never removed'); END;
CREATE TRIGGER grades_are_not_replaced BEFORE INSERT ON grades
    WHEN EXISTS (SELECT 1 FROM grades WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the gradebook only grows: grades are never replaced'); END;
CREATE VIEW current AS
    SELECT grades.* FROM grades JOIN (
        SELECT student, COALESCE(MAX(CASE WHEN final THEN id END), MAX(id)) AS id
        FROM grades GROUP BY student
    ) AS newest ON newest.id = grades.id;
"""

MIGRATIONS = (_VERSION_1,)  # the n-th makes version n of version n - 1
VERSION = len(MIGRATIONS)
