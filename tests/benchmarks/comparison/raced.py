"""A race of whole classes that was run by itself, as a part of the comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from tests.benchmarks.throughput.report import SCHEMA


def raced(path: Path) -> dict[str, Any]:
    """What `throughput --out` wrote, with the date and machine that it holds.

    Raises:
        UsageError: The file holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{path}: no JSON ({error})") from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise UsageError(f"{path}: not of schema {SCHEMA}; write one with throughput --out")
    return {
        "command": "python -m tests.benchmarks throughput "
        f"--submissions {found['class']['submissions']} --jobs {found['jobs']}",
        "quick": False,
        "measured_at": found["measured_at"],
        "machine": found["machine"],
        "load_before": found["graders"][0]["load"],
        "took_s": round(sum(turn["wall_s"] for turn in found["graders"]), 1),
        "found": found,
    }
