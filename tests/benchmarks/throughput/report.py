"""What a run of the benchmark says: as JSON, and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from .handed_in import Submission
from .heat import Lost, Result

SCHEMA = "osr-throughput/1"
ACCURACY = "accuracy."  # weights of two epochs need not reach it: judged is the code


def agreement(lost: Lost, submissions: Sequence[Submission]) -> dict[str, int]:
    """How many right submissions pass all code checks, and how many wrong ones lose one."""
    counts = {"right": 0, "right_passed": 0, "wrong": 0, "wrong_caught": 0}
    for each in submissions:
        loses_code = any(not id_.startswith(ACCURACY) for id_ in lost[each.student])
        if each.patch.fails:
            counts["wrong"] += 1
            counts["wrong_caught"] += loses_code
        else:
            counts["right"] += 1
            counts["right_passed"] += not loses_code
    return counts


def as_json(result: Result, agrees: Mapping[str, int]) -> dict[str, Any]:
    """One grader's turn."""
    each = {
        "wall_s_each": result.wall_s / result.submissions,
        "cpu_s_each": result.cpu_s / result.submissions,
        "per_minute": result.per_minute,
    }
    return {key: _rounded(value) for key, value in {**asdict(result), **each, **agrees}.items()}


def extrapolated(small: Mapping[str, Any], large: Mapping[str, Any], count: int) -> dict[str, Any]:
    """Seconds a submission in a batch of `count`, from two smaller ones: a start, and so much each.

    Args:
        small: A batch as `as_json` gives it.
        large: Another, with more submissions.
        count: Of submissions in a third.
    """
    more = large["submissions"] - small["submissions"]
    each_s = (large["wall_s"] - small["wall_s"]) / more
    start_s = small["wall_s"] - each_s * small["submissions"]
    return {
        "submissions": count,
        "wall_s_each": _rounded(each_s + start_s / count),
        "extrapolated": True,
    }


def tables(results: Mapping[str, Any]) -> list[Table]:
    """The graders beside each other, and our batch at its sizes."""
    beside = Table(title=f"{results['class']['submissions']} submissions, {results['jobs']} jobs")
    for column in ("grader", "a minute", "wall s each", "cpu s each", "ours is", "right", "wrong"):
        beside.add_column(column, justify="left" if column == "grader" else "right")
    for turn in results["graders"]:
        ratio = results["ratios"].get(turn["name"])
        beside.add_row(
            turn["name"],
            f"{turn['per_minute']:.1f}",
            f"{turn['wall_s_each']:.2f}",
            f"{turn['cpu_s_each']:.2f}",
            "" if ratio is None else f"{ratio:.1f} x",
            f"{turn['right_passed']}/{turn['right']}",
            f"{turn['wrong_caught']}/{turn['wrong']}",
        )
    beside.caption = "right: pass every code check; wrong: lose one; ours is: times the throughput"
    flat = Table(title="a batch of ours")
    flat.add_column("submissions", justify="right")
    flat.add_column("wall s each", justify="right")
    for size in results["sizes"]:
        said = " (extrapolated)" if size.get("extrapolated") else ""
        flat.add_row(f"{size['submissions']}{said}", f"{size['wall_s_each']:.2f}")
    return [beside, flat]


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
