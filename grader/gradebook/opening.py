"""Opening a gradebook's file: what is none is refused, and left as it is to the last byte."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import uuid
from pathlib import Path

from ..errors import UsageError
from .schema import APPLICATION_ID, MIGRATIONS, VERSION

MAGIC = b"SQLite format 3\0"
HEADER = 100  # bytes; version and application are numbers in it
TRIES = 5
BESIDE = ("-wal", "-journal")  # where SQLite keeps what is not in the file yet


def open_file(path: Path, create: bool, writing: bool, patience_s: float) -> sqlite3.Connection:
    """A connection to a gradebook of this version, made or migrated where need be.

    Args:
        path: its file.
        create: make it where there is none.
        writing: refuse what cannot be written to.
        patience_s: how long to wait for another program that writes to it.

    Raises:
        UsageError: it cannot be used; one line says why.
    """
    try:
        path = path.expanduser().resolve()
        if not os.path.lexists(path):
            _make(path, create)
        _check_header(path)
        _check_content(path, patience_s)
        connection = _connect(path, _mode(path, writing), patience_s)
    except sqlite3.Error as error:
        raise refusal(path, error) from None
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in its name, a ring of links
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: this gradebook cannot be opened ({reason})") from None
    try:
        connection.execute(
            "PRAGMA synchronous = FULL"
        )  # a grade that was kept survives a power cut
        connection.execute("PRAGMA trusted_schema = OFF")
        _migrate(path, connection, patience_s)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise refusal(path, error) from None
        if isinstance(error, OSError):
            raise UsageError(f"{path}: it cannot be migrated ({error.strerror})") from None
        raise
    return connection


def refusal(path: Path, error: sqlite3.Error) -> UsageError:
    """What SQLite says, in words that tell what to do."""
    words = str(error)
    if "locked" in words or "busy" in words:
        return UsageError(f"{path}: another program is writing to this gradebook; wait for its end")
    if "readonly" in words or "unable to open" in words:
        return _not_writable(path, words)
    if "disk is full" in words:
        return UsageError(f"{path}: its disk is full; make room, or name another place")
    if "disk I/O" in words:  # so SQLite calls it where there is no room for its index either
        return UsageError(f"{path}: its disk is full, or fails ({words}); name another place")
    if "malformed" in words or "not a database" in words:
        return _damaged(path, words)
    return UsageError(f"{path}: this gradebook cannot be used ({words})")


def _not_writable(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path}: this gradebook cannot be written to ({why}); it and its folder must be yours to "
        "write, or copy it elsewhere"
    )


def _damaged(path: Path, what: str) -> UsageError:
    line = " ".join(what.split())[:200]
    return UsageError(f"{path}: this gradebook is damaged ({line}); take a copy from before")


def _mode(path: Path, writing: bool) -> str:
    """How SQLite is to open it; where it may not write, it leaves an empty journal behind."""
    if os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return "rw"
    if writing:
        raise _not_writable(path, "no right to")
    return "ro" if _is_at_work(path) else "immutable"


def _connect(path: Path, mode: str, patience_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?{'immutable=1' if mode == 'immutable' else f'mode={mode}'}",
        uri=True, isolation_level=None, timeout=patience_s,
    )  # fmt: skip


def _make(path: Path, create: bool) -> None:
    """Make an empty gradebook, whole or not at all: nobody ever meets half of one."""
    if not create:
        raise UsageError(f"{path}: there is no such gradebook")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: its folder is not there; make it first")
    for left in (path.with_name(path.name + end) for end in BESIDE):
        if left.exists():  # SQLite would take its pages for ours
            raise UsageError(
                f"{path}: it is gone, but {left.name} is left of it and may hold grades; "
                "bring it back, or move that file away"
            )
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as connection:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                raise UsageError(f"{path}: its file system cannot hold a gradebook; use another")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _step(connection, 0)
            connection.execute("COMMIT")
            # Closing does this too, but says nothing where the disk is full; and only the file,
            # not the journal beside it, gets the name.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        _check_length(part)
        _place(part, path)
    finally:
        for left in (part, *(part.with_name(part.name + end) for end in (*BESIDE, "-shm"))):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def _place(part: Path, path: Path) -> None:
    """Give a finished file its name, but never another's."""
    try:
        os.link(part, path)
    except FileExistsError:  # somebody was faster; theirs is as good
        return
    except OSError:  # this file system knows no links
        if not path.exists():
            part.rename(path)
    with contextlib.suppress(OSError):  # Windows opens no folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _check_header(path: Path) -> None:
    """Tell foreign files by their first bytes, before SQLite touches anything."""
    if not path.is_file():
        raise UsageError(f"{path}: a gradebook is a file, and this is none; name another")
    with path.open("rb") as file:
        header = file.read(HEADER)
    if not header:
        raise UsageError(f"{path}: it is empty; remove it, or name another, to start a gradebook")
    if not header.startswith(MAGIC):
        raise UsageError(f"{path}: it is no gradebook (no SQLite file); name another")
    if len(header) < HEADER:
        raise _damaged(path, "cut off within its header")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise UsageError(f"{path}: it is no gradebook (SQLite of another program); name another")
    _check_version(path, int.from_bytes(header[60:64], "big"))


def _is_at_work(path: Path) -> bool:
    """Whether somebody has it open, or ended without closing it: the file is not all there is."""
    return any(path.with_name(path.name + end).exists() for end in BESIDE)


def _check_version(path: Path, version: int) -> None:
    if version > VERSION:
        raise UsageError(
            f"{path}: it was written by a newer Open-Set Lab (gradebook version {version}, this "
            f"one knows {VERSION}); use that one"
        )


def _check_content(path: Path, patience_s: float) -> None:
    """Read it once from end to end, through a connection that cannot write."""
    for attempt in range(TRIES):
        before = _stamp(path)
        try:
            _read_through(path, patience_s)
        except (sqlite3.DatabaseError, UsageError):
            # Somebody who began or ended to write meanwhile makes a sound file look damaged.
            if attempt == TRIES - 1 or _stamp(path) == before:
                raise
        else:
            return


def _stamp(path: Path) -> tuple[int, int, bool]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size, _is_at_work(path)


def _read_through(path: Path, patience_s: float) -> None:
    at_work = _is_at_work(path)
    if not at_work:
        _check_length(path)
    # Without a journal beside it there is nobody at work, and reading need not leave one either.
    mode = "ro" if at_work else "immutable"
    with contextlib.closing(_connect(path, mode, patience_s)) as connection:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        version = _version(connection)
    if found != "ok":
        raise _damaged(path, str(found))
    if version < 1:
        raise _damaged(path, "it has no tables")
    _check_version(path, version)


def _check_length(path: Path) -> None:
    """SQLite reads a last page that was cut off as if it ended in zeros."""
    with path.open("rb") as file:
        header = file.read(HEADER)
    page = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65536 if page == 1 else page)
    if (size := path.stat().st_size) != expected:
        raise _damaged(path, f"{size:,} bytes instead of {expected:,}")


def _migrate(path: Path, connection: sqlite3.Connection, patience_s: float) -> None:
    """Bring an older gradebook to this version, in one transaction, with a copy kept beside."""
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # somebody may have been faster
        _check_version(path, version)
        if version < VERSION:
            _copy(path, _free_name(path, version), patience_s)
            _step(connection, version)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _step(connection: sqlite3.Connection, version: int) -> None:
    for statement in (line for step in MIGRATIONS[version:] for line in step):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _free_name(path: Path, version: int) -> Path:
    names = (f"{path.name}.v{version}{end}" for end in ("", *(f".{n}" for n in range(2, 1000))))
    return next(
        free for free in (path.with_name(name) for name in names) if not os.path.lexists(free)
    )


def _copy(path: Path, copy: Path, patience_s: float) -> None:
    """Copy a gradebook, with what is only in its journal yet, while nobody can write to it."""
    part = copy.with_name(f".{copy.name}.{uuid.uuid4().hex}.part")
    try:
        with (
            contextlib.closing(_connect(path, "ro", patience_s)) as source,
            contextlib.closing(sqlite3.connect(part)) as target,
        ):
            source.backup(target)
        part.rename(copy)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
