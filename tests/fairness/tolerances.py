"""What the gradings under every condition add up to: statuses, and the tolerances' headroom."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.fairness.conditions import CONDITIONS, condition
from tests.fairness.deviations import Deviation
from tests.fairness.jobs import Graded, Job, right_submissions, touched_tasks

FILE = Path(__file__).with_name("tolerances.json")
SCHEMA = "osr-tolerances/1"
HIGHEST = 0.25  # of a tolerance may be used up, so that four times as much would still pass


def tolerance_jobs(seeds: int, conditions: tuple[str, ...], only: str = "") -> list[Job]:
    """Every right submission, under every condition, with every seed."""
    return [
        Job(patch, seed, name, touched_tasks(patch))
        for seed in range(seeds)
        for name in conditions
        for patch in right_submissions()
        if only in Job(patch, seed).submission
    ]


def summarise(results: Iterable[Graded]) -> dict[str, Any]:
    """Statuses that differ, and the widest deviation of each comparison.

    Conditions that have to hold decide on the figures; the others stand beside them.
    """
    ordered = sorted(results, key=lambda r: (r.job.submission, r.job.condition, r.job.seed))
    lost = [entry for result in ordered for entry in result.lost]
    return {
        "gradings": len(ordered),
        "submissions": sorted({result.job.submission for result in ordered}),
        "seeds": sorted({result.job.seed for result in ordered}),
        "conditions": {
            entry.name: {
                "why": entry.why,
                "has_to_hold": entry.has_to_hold,
                "gradings": sum(result.job.condition == entry.name for result in ordered),
                "lost": sum(found["condition"] == entry.name for found in lost),
            }
            for entry in CONDITIONS
        },
        "lost": lost,
        "comparisons": _comparisons(ordered),
    }


def broken(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The lost checks under conditions that have to hold."""
    return [entry for entry in summary["lost"] if condition(entry["condition"]).has_to_hold]


def table(summary: dict[str, Any]) -> str:
    """The widest comparison of each check, in Markdown, the one nearest its tolerance first."""
    widest: dict[str, dict[str, Any]] = {}
    for entry in summary["comparisons"]:
        if entry["ratio"] >= widest.get(entry["check"], {"ratio": -1})["ratio"]:
            widest[entry["check"]] = entry
    rows = [
        ["check", "used", "deviation", "allowed", "submission", "condition"],
        ["---", "---:", "---:", "---:", "---", "---"],
    ]
    rows += [
        [
            f"`{entry['check']}`",
            f"{100 * entry['ratio']:.2g} %",
            f"{entry['deviation']:.2g}",
            f"{entry['allowed']:.2g}",
            f"`{entry['submission']}`",
            entry["condition"],
        ]
        for entry in sorted(widest.values(), key=lambda entry: (-entry["ratio"], entry["check"]))
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def read_tolerances(path: Path = FILE) -> dict[str, Any]:
    """The committed figures."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _comparisons(results: list[Graded]) -> list[dict[str, Any]]:
    seen: dict[tuple[str, str], list[tuple[Job, Deviation]]] = defaultdict(list)
    for result in results:
        for check, deviations in result.deviations.items():
            for deviation in deviations:
                seen[check, deviation.what].append((result.job, deviation))
    entries = []
    for (check, what), found in sorted(seen.items()):
        judged = [
            (job, deviation) for job, deviation in found if condition(job.condition).has_to_hold
        ]
        if not judged:
            continue
        job, worst = max(judged, key=lambda pair: pair[1].ratio)
        by_condition: dict[str, float] = defaultdict(float)
        for other, deviation in found:
            by_condition[other.condition] = max(by_condition[other.condition], deviation.ratio)
        entries.append(
            {
                "check": check,
                "what": what,
                "count": len(found),
                "ratio": _rounded(worst.ratio),
                "deviation": _rounded(worst.deviation),
                "allowed": _rounded(worst.allowed),
                "submission": job.submission,
                "condition": job.condition,
                "seed": job.seed,
                "ratio_by_condition": {
                    name: _rounded(ratio) for name, ratio in sorted(by_condition.items())
                },
            }
        )
    return entries


def _rounded(value: float) -> float:
    """Three figures: more would change with every run on another machine."""
    return float(f"{value:.3g}")
