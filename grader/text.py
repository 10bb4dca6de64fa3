"""Text that a student controls, made safe to print and to write."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

MOST_MARKS = 6  # accents and the like on one letter; words need fewer


def printable(text: str) -> str:
    """The text with what no terminal or file should get written as escapes.

    Control characters (a terminal would obey them), halves of surrogate pairs (no encoding has
    them) and the marks of one letter beyond `MOST_MARKS` (a hundred are drawn over what stands
    beside it) become backslash escapes; line ends and tabs stay.
    """
    shown, marks = [], 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        is_fine = character in "\n\t" or category not in ("Cc", "Cs", "Cf")
        escaped = not is_fine or marks > MOST_MARKS
        shown.append(_escape(character) if escaped else character)
    return "".join(shown)


def one_line(text: str, longest: int = 200) -> str:
    """The text as `printable`, in one line, its middle left out where it is long."""
    line = "".join(
        character if unicodedata.category(character) not in ("Zl", "Zp") else "\\n"
        for character in printable(text).replace("\n", "\\n").replace("\t", "\\t")
    )
    half = (longest - 1) // 2
    return line if len(line) <= longest else f"{line[:half]}…{line[-half:]}"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question with the nearest of the known names; "" where none is near."""
    near = difflib.get_close_matches(name.casefold(), list(known), n=1)
    return f"did you mean {near[0]}? " if near else ""
