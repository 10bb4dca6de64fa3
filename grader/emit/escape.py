"""Text from a student's side, made safe for the format that it goes into.

Whatever is printed may end in the log of a GitHub workflow, which obeys a line that begins with
`::` or holds `##[`. So no format writes either, except `github` on purpose.
"""

from __future__ import annotations

import json
import re

from ..text import printable

LONGEST = 2000  # characters of one text
MARKDOWN = re.compile(r"(^[-+=]|[\\`*_{}\[\]<>()#.!|~&:@$^])")
NOT_XML = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LINE_ENDS = re.compile(r"\s*[\n\u2028\u2029]\s*")


def plain(text: str) -> str:
    """Printable text of a bounded length; its line ends stay."""
    shown = printable(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def plain_line(text: str) -> str:
    """The same in one line."""
    return LINE_ENDS.sub(" ", plain(text).replace("\t", " ")).strip()


def markdown(text: str) -> str:
    """One line of Markdown that shows the text: no markup, HTML, link or cell begins in it."""
    return MARKDOWN.sub(r"\\\1", plain_line(text))


def xml(text: str) -> str:
    """Text of characters that XML 1.0 allows; the writer of the XML does the rest."""
    return NOT_XML.sub("\ufffd", plain(text))


def dump_json(made: object, indent: int | None = None) -> str:
    """JSON in ASCII, with a line end."""
    text = json.dumps(made, indent=indent, allow_nan=False)
    return text.replace("##[", "##\\u005b") + "\n"


def dump_xml(text: str) -> str:
    """XML as its writer gives it, with references for what a runner's log would obey."""
    return text.replace("::", "&#58;&#58;").replace("##[", "##&#91;")


def command_data(text: str) -> str:
    """What follows the `::` of a workflow command.

    The runner takes `%0A` for a line end, and would look for the older `##[command]` anywhere.
    """
    encoded = plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return re.sub(r"[\u2028\u2029\x85]", " ", encoded).replace("##[", "## [")


def command_property(text: str) -> str:
    """The value of a workflow command's property."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def points(value: float) -> str:
    """Points with as many decimals as they need, at most two."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
