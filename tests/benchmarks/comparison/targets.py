"""What was aimed at, what was reached, and why where it was not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WHY = Path(__file__).with_name("why.toml")
FULL = {"known": 0.98, "unknown": 0.99}  # the reference's own goal, shares
NOT_REACHED = "the accuracies are not reached: {known:.2%} known, {unknown:.2%} unknown"
Parts = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """A number to reach.

    Attributes:
        id: Key of `why.toml`.
        says: What is aimed at.
        limit: The number.
        at_most: Whether it is a ceiling; else a floor.
        unit: For the page.
        part: Of the comparison, where it is measured.
        value: Takes the number out of what the part found; None where it is not there.
        fault: Says what makes the number worth nothing, "" where nothing does.
    """

    id: str
    says: str
    limit: float
    at_most: bool
    unit: str
    part: str
    value: Callable[[Any], float | None]
    fault: Callable[[Any], str] = lambda _: ""


@dataclass(frozen=True)
class Judged:
    """A target and what became of it.

    Attributes:
        value: None where it was not measured.
        met: None where it was not measured.
        why: Of a target that is missed, what is known of the reason.
    """

    target: Target
    value: float | None
    met: bool | None
    why: str


def judge(parts: Parts, why: Mapping[str, str] | None = None) -> list[Judged]:
    """Hold every target against what was measured.

    Args:
        parts: Of a comparison.
        why: Words of ours by target; by default those of `why.toml`.
    """
    words = reasons() if why is None else why
    return [_judge(target, parts, words) for target in TARGETS]


def reasons() -> dict[str, str]:
    """What a person has found out about targets that are missed."""
    return dict(tomllib.loads(WHY.read_text(encoding="utf-8")))


def _judge(target: Target, parts: Parts, why: Mapping[str, str]) -> Judged:
    part = parts.get(target.part)
    found = part["found"] if part else {"skipped": "not measured yet"}
    if "skipped" in found:
        return Judged(target, None, None, str(found["skipped"]))
    value = target.value(found)
    if value is None:
        return Judged(target, None, None, str(found.get("missing", "not measured")))
    fault = target.fault(found)
    met = not fault and (value <= target.limit if target.at_most else value >= target.limit)
    if met:
        return Judged(target, value, True, "")
    profile = "; ".join(found.get("profile", []))
    return Judged(
        target, value, False, ". ".join(filter(None, (fault, why.get(target.id), profile)))
    )


def _seconds(recipe: str) -> Callable[[Any], float]:
    return lambda found: float(found["ours"][recipe]["seconds"]["median"])


def _times(system: str) -> Callable[[Any], float]:
    return lambda found: float(found["systems"][system]["times_as_slow"]["quick"])


def _misses(recipe: str, system: str) -> Callable[[Any], str]:
    """Whether a recipe of ours stays below a system's accuracies, or our own goal."""

    def fault(found: Any) -> str:
        ours = found["ours"][recipe]
        wanted = found["systems"][system]["published"] if system else FULL
        short = any(ours[side] < wanted[side] for side in wanted)
        return NOT_REACHED.format(**ours) if short else ""

    return fault


def _ratio(way: str) -> Callable[[Any], float | None]:
    return lambda found: found["ratios"].get(f"{way} / bare, cold", {}).get("median")


def _throughput(peer: str) -> Callable[[Any], float | None]:
    return lambda found: found["ratios"].get(peer)


def _memory(way: str) -> Callable[[Any], float | None]:
    return lambda found: found["ways"].get(way, {}).get("total_rss_mb")


TARGETS = (
    Target(
        "b_pair", "system b's published pair, seconds of training", 6, True, "s", "training",
        _seconds("quick"), _misses("quick", "b"),
    ),
    Target(
        "b_times", "times as fast as b's recipe, to b's pair", 5000, False, "x", "training",
        _times("b"), _misses("quick", "b"),
    ),
    Target(
        "a_times", "times as fast as a's recipe, to a's pair", 20, False, "x", "training",
        _times("a"), _misses("quick", "a"),
    ),
    Target(
        "full", "98.0 % known, 99.0 % unknown, seconds of training", 15, True, "s", "training",
        _seconds("full"), _misses("full", ""),
    ),
    Target(
        "grade_plain", "a grade of code, plain, beside the same checks in a bare pytest", 1.5,
        True, "x", "grade", _ratio("plain, cold"),
    ),
    Target(
        "grade_bwrap", "a grade of code in a box, beside the same checks in a bare pytest", 1.5,
        True, "x", "grade", _ratio("bwrap, cold"),
    ),
    Target(
        "overhead", "overhead a submission in a batch, beside the checks themselves", 0.3, True,
        "s", "grade", lambda found: found.get("overhead_s", {}).get("median"),
    ),
    Target(
        "otter", "throughput beside otter-grader's", 3, False, "x", "throughput",
        _throughput("otter"),
    ),
    Target(
        "nbgrader", "throughput beside nbgrader's", 3, False, "x", "throughput",
        _throughput("nbgrader"),
    ),
    Target(
        "memory_plain", "memory of all processes of a grade of code, plain", 768, True, "MB",
        "memory", _memory("plain, cold"),
    ),
    Target(
        "memory_bwrap", "memory of all processes of a grade of code, in a box", 768, True, "MB",
        "memory", _memory("bwrap, cold"),
    ),
    Target(
        "threshold", "`grade --task threshold`, started anew", 3, True, "s", "startup",
        lambda found: float(found["threshold_s"]),
    ),
    Target(
        "watch", "`watch`, from a save to the page, the slowest task", 2, True, "s", "startup",
        lambda found: float(found["watch_s"]),
    ),
    Target(
        "load", "correct submissions that time out while every core is busy", 0, True, "",
        "load", lambda found: len(found["timed_out"]),
    ),
)  # fmt: skip
