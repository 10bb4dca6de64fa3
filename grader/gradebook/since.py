"""A point in a gradebook's history, as an instructor names it."""

from __future__ import annotations

import datetime

from ..errors import UsageError
from ..text import one_line
from .book import Gradebook


def point_in(book: Gradebook, since: str) -> tuple[int, str]:
    """The number of the last grade before a point, and the point in words.

    Args:
        book: the gradebook.
        since: a grade's number, a time in ISO 8601 (UTC where it names no zone), or "" for the
            start of the last batch.

    Raises:
        UsageError: it is none of these.
    """
    if not since:
        return book.before_last_run(), "the last batch began"
    if since.isascii() and since.isdigit() and len(since) < 8:  # eight may be a date
        newest = book.last_number()
        if int(since) > newest:
            raise UsageError(f"--since {since}: the newest grade has number {newest}")
        return int(since), f"grade {int(since)}"
    try:
        time = datetime.datetime.fromisoformat(since.strip().replace("Z", "+00:00"))
    except ValueError:
        raise UsageError(
            f"--since {one_line(since)}: name a grade's number or a time, as in 2026-11-20T18:00"
        ) from None
    zone = datetime.timezone.utc
    time = time.replace(tzinfo=zone) if time.tzinfo is None else time.astimezone(zone)
    written = time.isoformat(timespec="seconds").replace("+00:00", "Z")
    return book.last_until(written), written
