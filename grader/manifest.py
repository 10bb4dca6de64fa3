"""Readers of parsed TOML: what is missing, unknown or of the wrong type is named by its place.

A reader takes a value and its place (`tasks.threshold.points`) and gives the value back, or raises.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

Reader = Callable[[Any, str], Any]
LARGEST = sys.float_info.max
LONGEST = 80


class ManifestError(Exception):
    """A value that cannot be used; the message begins with its place."""


def fields(optional: dict[str, Reader] | None = None, /, **required: Reader) -> Reader:
    """A table of exactly these keys; of the optional ones any may be left out."""
    readers = required | (optional or {})

    def read(value: Any, place: str) -> dict[str, Any]:
        table = _of_type(value, dict, place, "a table")
        for key in required:
            if key not in table:
                raise ManifestError(f"{_join(place, key)}: it is missing")
        for key in table:
            if key not in readers:
                raise ManifestError(
                    f"{_join(place, key)}: there is no such key; there are {', '.join(readers)}"
                )
        return {key: readers[key](item, _join(place, key)) for key, item in table.items()}

    return read


def named(reader: Reader) -> Reader:
    """A table of any keys, at least one, whose values are alike."""

    def read(value: Any, place: str) -> dict[str, Any]:
        table = _of_type(value, dict, place, "a table")
        if not table:
            raise ManifestError(f"{place}: it is empty")
        return {key: reader(item, _join(place, key)) for key, item in table.items()}

    return read


def each(reader: Reader) -> Reader:
    """A list of things that are alike; a table among them goes by its `id`, else by its number."""

    def read(value: Any, place: str) -> list[Any]:
        items = _of_type(value, list, place, "a list")
        return [reader(item, _join(place, _name(item, n))) for n, item in enumerate(items, 1)]

    return read


def text(value: Any, place: str) -> str:
    """A text that is not blank."""
    found: str = _of_type(value, str, place, "a text")
    if not found.strip():
        raise ManifestError(f"{place}: it is empty")
    return found


def line(value: Any, place: str) -> str:
    """A text of one line that is not blank."""
    found = text(value, place)
    if len(found.splitlines()) > 1:
        raise ManifestError(f"{place}: it must be one line")
    return found


def number(value: Any, place: str) -> float:
    """A finite number; true and false are none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not -LARGEST <= value <= LARGEST:  # nan is not; some integers are larger
        raise ManifestError(f"{place}: it must be a number, not {_shown(value)}")
    found: float = value
    return found


def positive(value: Any, place: str) -> float:
    """A finite number above 0."""
    if number(value, place) <= 0:
        raise ManifestError(f"{place}: it must be above 0, not {_shown(value)}")
    return float(value) if isinstance(value, float) else int(value)


def count(value: Any, place: str) -> int:
    """A whole number above 0."""
    if positive(value, place) != value or not isinstance(value, int):
        raise ManifestError(f"{place}: it must be a whole number, not {_shown(value)}")
    return value


def _of_type(value: Any, kind: type, place: str, words: str) -> Any:
    if not isinstance(value, kind):
        raise ManifestError(f"{place or 'the file'}: it must be {words}, not {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    try:
        return repr(value)[:LONGEST]
    except ValueError:  # an integer of more digits than Python writes
        return "a number of thousands of digits"


def _name(item: Any, number: int) -> str:
    name = item.get("id") if isinstance(item, dict) else None
    return name if isinstance(name, str) and name else str(number)


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
