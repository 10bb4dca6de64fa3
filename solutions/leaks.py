"""Show that no line of a solution is left in a text that students receive."""

from __future__ import annotations

from collections.abc import Iterable, Set

from solutions.regions import Region


def secret_lines(source: str, regions: Iterable[Region]) -> frozenset[str]:
    """The lines that only a solution holds.

    Indentation does not count, so a moved line is found too. Lines without a letter or a digit,
    such as a closing bracket, tell nothing.

    Args:
        source: The solved module's text.
        regions: Its regions.

    Returns:
        The stripped lines inside regions that do not also stand outside of them.
    """
    lines = source.split("\n")
    within = {number for region in regions for number in range(region.begin, region.end - 1)}
    inside = {lines[number].strip() for number in within}
    outside = {line.strip() for number, line in enumerate(lines) if number not in within}
    return frozenset(line for line in inside - outside if any(map(str.isalnum, line)))


def leaked_lines(secrets: Set[str], text: str) -> list[tuple[int, str]]:
    """Find lines of a solution in a text.

    Args:
        secrets: What `secret_lines` gave, of one module or of several.
        text: A file that students receive.

    Returns:
        Each leak's line number, counted from 1, and the line; none where the text is clean.
    """
    numbered = enumerate(text.split("\n"), start=1)
    return [(number, line.strip()) for number, line in numbered if line.strip() in secrets]
