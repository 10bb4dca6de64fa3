"""Turn a solved module into its stub: each marked region becomes a raise that names the task."""

from __future__ import annotations

import ast

from solutions.errors import UserError
from solutions.leaks import leaked_lines, secret_lines
from solutions.regions import Region, find_regions

LINE_LENGTH = 100  # of `ruff format`, which would wrap a longer raise


def strip_solution(source: str, name: str, task: str) -> str:
    r"""Make the text of a stub.

    Args:
        source: The solved module's text, its lines ended by ``\n``.
        name: The file's name, for the errors.
        task: How every marker's text must begin, such as ``task 1, autoencoder``.

    Returns:
        The module without its regions. It is valid Python and holds no line of any region.

    Raises:
        UserError: A marker is wrong (see `find_regions`), there is none, or what is left is not
            valid Python; the message begins with ``file:line``.
    """
    regions = find_regions(source, name, task)
    if not regions:
        raise UserError(f"{name}:1: holds no '# BEGIN SOLUTION'; mark what students must write")
    kept = _kept_lines(source, regions, name)
    stub = "\n".join(text for _, text in kept).rstrip("\n") + "\n"
    try:
        ast.parse(stub)
    except SyntaxError as error:
        line = kept[min(error.lineno or 1, len(kept)) - 1][0]
        raise UserError(
            f"{name}:{line}: without the solution this is not valid Python ({error.msg});"
            " move the markers so that they hold whole statements"
        ) from error
    leaks = leaked_lines(secret_lines(source, regions), stub)
    if leaks:  # cannot happen, and must not
        raise UserError(f"{name}: the stub would show a line of the solution: {leaks[0][1]!r}")
    return stub


def raise_lines(region: Region) -> list[str]:
    """What stands in a stub for a region, quoted and wrapped as `ruff format` would.

    Args:
        region: The region.

    Returns:
        ``raise NotImplementedError("task N, ID: what")`` at the region's indentation, on one line
        or, where that is too long, on three.
    """
    text = region.text.replace("\\", "\\\\")
    quote = "'" if text.count('"') > text.count("'") else '"'
    literal = quote + text.replace(quote, f"\\{quote}") + quote
    line = f"{region.indent}raise NotImplementedError({literal})"
    if len(line) <= LINE_LENGTH:
        return [line]
    head, _, _ = line.partition(literal)
    return [head, f"{region.indent}    {literal}", f"{region.indent})"]


def _kept_lines(source: str, regions: list[Region], name: str) -> list[tuple[int, str]]:
    """The stub's lines, each with the number of the source line that it comes from."""
    lines = source.split("\n")
    kept: list[tuple[int, str]] = []
    done = 0
    for region in regions:
        instead = raise_lines(region)
        excess = max(map(len, instead)) - LINE_LENGTH
        if excess > 0:
            raise UserError(
                f"{name}:{region.begin}: shorten the text by {excess} characters;"
                f" its raise is longer than {LINE_LENGTH}"
            )
        kept += [(number + 1, lines[number]) for number in range(done, region.begin - 1)]
        kept += [(region.begin, line) for line in instead]
        done = region.end
    return kept + [(number + 1, lines[number]) for number in range(done, len(lines))]
