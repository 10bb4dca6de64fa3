"""What somebody asks for who makes a release."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Verify(str, Enum):
    """How a release is tried out before it is written."""

    quick = "quick"
    full = "full"
    none = "none"


@dataclass(frozen=True)
class Order:
    """What to release, and where to.

    Attributes:
        folder: the student repository's folder, or None.
        archive: a zip of it, or None.
        secrets: bundles, weights, modules and folders of these, which must not be in it.
        verify: how to try it out.
    """

    folder: Path | None
    archive: Path | None = None
    secrets: tuple[Path, ...] = ()
    verify: Verify = Verify.quick
