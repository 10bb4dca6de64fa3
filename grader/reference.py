"""The reference solution's measured results, to stand beside a student's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "solutions" / "results"


def load_reference(data: str, folder: Path = RESULTS) -> dict[str, Any] | None:
    """Mean metrics of the reference on a profile; None where none were measured."""
    path = folder / f"reference-{data}.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["metrics"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
