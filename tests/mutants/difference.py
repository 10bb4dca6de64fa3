"""What differs between two texts, short enough to read at a glance."""

from __future__ import annotations

from collections.abc import Sequence

CONTEXT = 30  # characters beside a change


def difference(before: str, after: str) -> tuple[str, str]:
    """The lines that differ between two texts, as one line each, cut to what is near the change."""
    old, new = before.splitlines(), after.splitlines()
    start, end = _common(old, new)
    first, second = (_joined(lines[start : len(lines) - end]) for lines in (old, new))
    start, end = _common(first, second)
    return _cut(first, start, end), _cut(second, start, end)


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How long the common beginning of two sequences is, and the common end of the rest."""
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - start
    return start, next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)


def _joined(lines: list[str]) -> str:
    return "; ".join(line.strip() for line in lines)


def _cut(line: str, start: int, end: int) -> str:
    first, last = max(0, start - CONTEXT), min(len(line), len(line) - end + CONTEXT)
    return f"{'…' if first else ''}{line[first:last]}{'…' if last < len(line) else ''}"
