"""Find the marked solution regions of a module, and reject every marker that is not exact.

A marker that is nearly right would be an ordinary comment, and the solution below it would be
handed out. So whatever looks like a marker has to be one.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from difflib import SequenceMatcher

from solutions.errors import UserError

BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"


@dataclass(frozen=True)
class Region:
    """Lines that a student does not receive.

    Attributes:
        begin: Line of the BEGIN marker, counted from 1.
        end: Line of the END marker.
        indent: The white space in front of both markers.
        text: What the student is asked to do: ``task N, ID: what``.
    """

    begin: int
    end: int
    indent: str
    text: str


def find_regions(source: str, name: str, task: str) -> list[Region]:
    """Find the regions of a module, in order.

    Args:
        source: The module's text.
        name: The file's name, for the errors.
        task: How every marker's text must begin, such as ``task 1, autoencoder``.

    Returns:
        The regions; none overlap, and each holds whole statements.

    Raises:
        UserError: The module is not valid Python, or a marker is misspelt, misplaced, without its
            text or its partner; the message begins with ``file:line``.
    """
    check_syntax(source, name)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    lines = source.split("\n")
    regions: list[Region] = []
    begun: Region | None = None
    for token in tokens:
        if token.type != tokenize.COMMENT or not _resembles_marker(token.string):
            continue
        line, column = token.start
        indent = lines[line - 1][:column]
        where = f"{name}:{line}"
        if indent.strip():
            raise UserError(f"{where}: a marker needs a line of its own; move it off the code")
        if token.string == END:
            if begun is None:
                raise UserError(f"{where}: '{END}' without a '{BEGIN}' above it")
            if indent != begun.indent:
                raise UserError(
                    f"{where}: '{END}' is not indented like its '{BEGIN}' on line {begun.begin}"
                )
            regions.append(Region(begun.begin, line, indent, begun.text))
            begun = None
        else:
            text = _text(token.string, where, task)
            if begun is not None:
                raise UserError(
                    f"{where}: '{BEGIN}' inside the region begun on line {begun.begin};"
                    f" close that with '{END}' first"
                )
            begun = Region(line, line, indent, text)
    if begun is not None:
        raise UserError(f"{name}:{begun.begin}: '{BEGIN}' is never closed; add '{END}'")
    _check_statements(regions, tokens, name)
    return regions


def check_syntax(source: str, name: str) -> None:
    """Make sure that a module can be parsed.

    Args:
        source: The module's text.
        name: The file's name, for the error.

    Raises:
        UserError: It is not valid Python; the message begins with ``file:line``.
    """
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise UserError(f"{name}:{error.lineno or 1}: is not valid Python ({error.msg})") from error
    except ValueError as error:  # a null byte, in some versions of Python
        raise UserError(f"{name}:1: is not valid Python ({error})") from error


def _resembles_marker(comment: str) -> bool:
    """Whether somebody may have meant this comment as a marker."""
    if re.search(r"(begin|end)[\W_]*solution", comment, re.IGNORECASE):
        return True
    letters = re.sub(r"[\W_]+", "", comment).casefold()
    return any(
        SequenceMatcher(None, word, letters[: len(word)]).ratio() >= 0.85
        for word in ("beginsolution", "endsolution")
    )


def _text(comment: str, where: str, task: str) -> str:
    """What a BEGIN marker asks for, once it is known to be well formed."""
    form = f"'{BEGIN} {task}: what to do'"
    if comment.rstrip() == BEGIN:
        raise UserError(f"{where}: '{BEGIN}' has no text; write {form}")
    if not comment.startswith(f"{BEGIN} "):
        raise UserError(f"{where}: {comment!r} is not a marker; write {form} or '{END}' exactly")
    text = comment[len(BEGIN) + 1 :]
    found = re.fullmatch(r"(task \d+, \w+): \S(.*\S)?", text)
    if found is None or not text.isprintable():
        raise UserError(f"{where}: the text {text!r} is not of the form 'task N, ID: what'")
    if found[1] != task:
        raise UserError(f"{where}: names '{found[1]}' in the file of '{task}'; write {form}")
    return text


def _check_statements(regions: list[Region], tokens: list[tokenize.TokenInfo], name: str) -> None:
    """Make sure that each region holds statements of one block: at its indentation or deeper."""
    starts = _statement_starts(tokens)
    for region in regions:
        where = f"{name}:{region.begin}"
        inside = [(line, column) for line, column in starts if region.begin < line < region.end]
        if not inside:
            raise UserError(f"{where}: the region holds no statement; remove its markers")
        if inside[0][1] != len(region.indent):
            raise UserError(f"{where}: the marker is not indented like the statement below it")
        for line, column in inside:
            if column < len(region.indent):
                raise UserError(
                    f"{name}:{line}: leaves the block of the region begun on line {region.begin};"
                    f" put '{END}' above it"
                )


def _statement_starts(tokens: list[tokenize.TokenInfo]) -> list[tuple[int, int]]:
    """Line and column of each logical line's first token."""
    blank = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    starts: list[tuple[int, int]] = []
    fresh = True
    for token in tokens:
        if token.type == tokenize.NEWLINE:
            fresh = True
        elif fresh and token.type not in blank:
            starts.append(token.start)
            fresh = False
    return starts
