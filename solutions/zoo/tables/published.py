"""Numbers that others published, from `published.toml`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PUBLISHED = Path(__file__).parent / "published.toml"


def published(table: str) -> list[dict[str, Any]]:
    """The published rows of one table: "accuracy", "macro_f1" or "splits", in per cent."""
    rows: list[dict[str, Any]] = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))[table]
    return rows
