"""Text on a terminal, wrapped where it ends; a file keeps its lines whole, for whoever searches it.

Paths and commands are to be copied, so that they are never cut in two.
"""

from __future__ import annotations

import re

from rich.console import Console
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
    for line in wrapped(console, text, console.width - indent):
        console.print(Text(margin).append_text(line), soft_wrap=True)


def wrapped(console: Console, text: Text, width: int) -> list[Text]:
    """The text in lines of so many cells, but for words and commands that are longer."""
    joined = text.copy()
    joined.plain = COMMAND.sub(lambda found: found[0].replace(" ", JOINED), text.plain)
    lines = joined.wrap(console, max(width, NARROWEST), overflow="ignore", tab_size=4)
    for line in lines:
        line.rstrip()
        line.plain = line.plain.replace(JOINED, " ")
    return list(lines)
