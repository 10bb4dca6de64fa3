"""How far the accuracy ramps are from the reference: the figures beside them in the rubric."""

from __future__ import annotations

import math
import re
import statistics
from dataclasses import dataclass
from typing import Any

from datasets.sources import NOT_GRADED

ODDS = 1e-4  # that a new training of the reference loses a mark in any part of a profile
PARTS = ("known", "unknown", "worst_family")
REPORTED_ONLY = frozenset({"lookalikes", "mnist_noise"}) | NOT_GRADED


@dataclass(frozen=True)
class Spread:
    """An accuracy over the seeds, and what a new training stays above but for the odds."""

    mean: float
    deviation: float
    bound: float

    def __str__(self) -> str:
        mean, deviation = f"{100 * self.mean:.2f}", f"{100 * self.deviation:.2f}"
        return f"{mean} ± {deviation}, bound {math.floor(1e4 * self.bound) / 100:.2f}"


def spread(values: list[float], odds: float = ODDS / len(PARTS)) -> Spread:
    """Mean, sample standard deviation, and one-sided prediction bound of a new value.

    Args:
        values: At least two, taken as normally distributed.
        odds: That the next value lies below the bound.
    """
    from scipy.stats import t

    n, mean, deviation = len(values), statistics.fmean(values), statistics.stdev(values)
    factor = float(t.ppf(1 - odds, n - 1)) * math.sqrt(1 + 1 / n)
    return Spread(mean, deviation, mean - factor * deviation)


def spreads(results: dict[str, Any]) -> dict[str, Spread]:
    """The spread of each part of the accuracy task.

    Args:
        results: Of one profile, as `solutions.measure.measure` gives them.
    """
    runs = results["runs"]
    worst = [
        min(share for family, share in run["per_family"].items() if family not in REPORTED_ONLY)
        for run in runs
    ]
    values = ([run[f"{part}_accuracy"] for run in runs] for part in PARTS[:2])
    return dict(zip(PARTS, map(spread, (*values, worst)), strict=True))


def with_figures(rubric: str, results: list[dict[str, Any]]) -> str:
    """The rubric's text with the figures beside its ramps brought up to date.

    Args:
        rubric: The text of `rubric.toml`.
        results: Of one or more profiles; ramps of others stay as they are.
    """
    figures = {entry["data"]: spreads(entry) for entry in results}
    profile, lines = "", []
    for line in rubric.split("\n"):
        if header := re.match(r"\[(accuracy\.)?([\w.]+)\]", line):
            profile = header[2] if header[1] else ""
        ramp = re.match(r"(\w+) = \{[^}]*\}", line)
        if ramp and ramp[1] in figures.get(profile, {}):
            line = f"{ramp[0]:<48}# {figures[profile][ramp[1]]}"
        lines.append(line)
    return "\n".join(lines)
