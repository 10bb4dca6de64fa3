"""Accuracies that others published, from `published.toml`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PUBLISHED = Path(__file__).with_name("published.toml")
CAVEAT = "published systems were measured on unknown images of their authors' own choice"


@dataclass(frozen=True)
class Published:
    """One system; accuracies are fractions in [0, 1]."""

    name: str
    source: str
    known_accuracy: float
    unknown_accuracy: float
    total_accuracy: float


def load_published(data: str, path: Path = PUBLISHED) -> tuple[Published, ...]:
    """The systems measured on the known classes of a profile; none for one nobody published on."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    if data != table["data"]:
        return ()
    return tuple(
        Published(
            row["name"], row["source"], row["known"] / 100, row["unknown"] / 100, row["total"] / 100
        )
        for row in table["systems"]
    )
