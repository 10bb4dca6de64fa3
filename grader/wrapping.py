"""Text on a terminal, wrapped where it ends; a file keeps its lines whole, for whoever searches it.

Paths and commands are to be copied, so that they are never cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.text import Text

COMMAND = re.compile(r"(?:\. \.venv|make|pip install|python -m|apt install) [^(),;:\n]*")
JOINED = "\ue000"  # in place of a command's spaces, where a line would end otherwise
NARROWEST = 20


def say(console: Console, markup: str, indent: int = 0) -> None:
    """Print a paragraph.

    Args:
        console: where to.
        markup: Rich's; what others wrote is escaped in it.
        indent: spaces before each line.
    """
    text = Text.from_markup(markup, emoji=False)
    margin = " " * indent
    if not console.is_terminal:
        console.print(Text(margin).append_text(text), soft_wrap=True)
        return
    for line in wrapped(text, console.width - indent):
        console.print(Text(margin).append_text(line), soft_wrap=True)


def say_lines(console: Console, lines: Iterable[str]) -> None:
    """Print lines of plain text, each wrapped below its own beginning."""
    for line in lines:
        begin = len(line) - len(line.lstrip(" "))
        say(console, escape(line[begin:]), indent=begin)


def wrapped(text: Text, width: int) -> list[Text]:
    """The text in lines of so many cells, but for words and commands that are longer."""
    lines = []
    for paragraph in text.split("\n", allow_blank=True):
        paragraph.expand_tabs(4)
        for line in paragraph.divide(_beginnings(paragraph.plain, max(width, NARROWEST))):
            line.rstrip()
            lines.append(line)
    return lines


def _beginnings(text: str, width: int) -> list[int]:
    """Where a line is full and the next one begins; Rich's own would cut long words."""
    kept = COMMAND.sub(lambda found: found[0].replace(" ", JOINED), text)
    found, used = [], 0
    for word in re.finditer(r"\S+\s*", kept):
        if used and used + cell_len(word[0].rstrip()) > width:
            found.append(word.start())
            used = 0
        used += cell_len(word[0])
    return found
