"""Text that a student controls, made safe to print and to write."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable


def printable(text: str) -> str:
    """The text with what no terminal or file should get written as escapes.

    Control characters (a terminal would obey them) and halves of surrogate pairs (no encoding has
    them) become backslash escapes; line ends and tabs stay.
    """
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs", "Cf")
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def one_line(text: str, longest: int = 200) -> str:
    """The text as `printable`, in one line, its middle left out where it is long."""
    line = "".join(
        character if unicodedata.category(character) not in ("Zl", "Zp") else "\\n"
        for character in printable(text).replace("\n", "\\n").replace("\t", "\\t")
    )
    half = (longest - 1) // 2
    return line if len(line) <= longest else f"{line[:half]}…{line[-half:]}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question with the nearest of the known names; "" where none is near."""
    near = difflib.get_close_matches(name.casefold(), list(known), n=1)
    return f"did you mean {near[0]}? " if near else ""
