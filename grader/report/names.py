"""What a student's page is called: a name that every file system and every URL takes."""

from __future__ import annotations

import hashlib
import re

LONGEST = 60
HASH = 16  # hex digits: an id that meets another's in eight is found in an hour
PLAIN = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST - 1}}}")
HASHED = re.compile(rf".*-[0-9a-f]{{{HASH}}}")
# Names of the site's own pages, and those that Windows keeps for devices.
TAKEN = re.compile(r"index|report|con|prn|aux|nul|com\d|lpt\d")


def page_name(student: str) -> str:
    """The file name of a student's page, the same each time and no other student's.

    An id of small letters, digits, hyphens and underscores is kept; of others a part of its hash
    tells them apart, so that two that differ in case or in what a file name may not hold do not
    meet.
    """
    taken = HASHED.fullmatch(student) or TAKEN.fullmatch(student)
    if PLAIN.fullmatch(student) and not taken:
        return f"{student}.html"
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", student)[:LONGEST].strip("-") or "student"
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:HASH]
    return f"{readable}-{digest}.html"
