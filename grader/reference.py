"""The reference solution's measured results, to stand beside a student's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).parents[1] / "solutions" / "results"
RELEASED = Path(__file__).parent / "results"  # in a student's repository, which has no solutions


def load_reference(data: str, folder: Path | None = None) -> dict[str, Any] | None:
    """Mean metrics of the reference on a profile; None where none were measured."""
    for place in (MEASURED, RELEASED) if folder is None else (folder,):
        path = place / f"reference-{data}.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8"))["metrics"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
