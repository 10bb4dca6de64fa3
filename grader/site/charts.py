"""The class page's charts: how scores are spread, and known against unknown accuracy."""

from __future__ import annotations

from collections.abc import Sequence

from ..pages.charts import Dots, Histogram, Range, Scatter, histogram, scatter
from ..pages.scale import span
from ..statistics.accuracy import AccuracyGroup, Measured
from ..statistics.scores import ScoreStatistics

LEAST_SPAN = 6.0  # per cent, of an axis: a tenth of a point must not look like a gulf
MARGIN = 0.08


def score_histogram(total: ScoreStatistics) -> Histogram | None:
    """How many students have how many points; None where nobody has any mark."""
    points = total.points
    if points.quantiles is None:
        return None
    median = points.quantiles[2]
    fullest = max(range(len(points.bins)), key=points.bins.__getitem__)
    low, high = points.edges[fullest : fullest + 2]
    return histogram(
        "scores",
        "Distribution of scores",
        f"{points.count} scores from {points.quantiles[0]:g} to {points.quantiles[-1]:g} points, "
        f"median {median:g}; most, {points.bins[fullest]}, lie from {low:g} to {high:g}.",
        [("students", points.bins)],
        points.edges,
        "points",
        "students",
        line=median,
        line_label=f"median {median:g}",
        counts=True,
    )


def accuracy_plane(group: AccuracyGroup, number: int) -> Scatter:
    """Everyone's known against unknown accuracy, with the reference and published systems.

    Args:
        group: students measured on the same data.
        number: of the group in the page.
    """
    students = group.students
    groups = [
        Dots(
            "students",
            [_place(one.known_accuracy, one.unknown_accuracy) for one in students],
            [_title(one) for one in students],
        )
    ]
    reference = group.reference or {}
    if {"known_accuracy", "unknown_accuracy"} <= reference.keys():
        at = _place(reference["known_accuracy"], reference["unknown_accuracy"])
        groups.append(Dots("the reference", [at], ["the reference"], size=6))
    if group.published:
        groups.append(
            Dots(
                "published systems",
                [_place(one.known_accuracy, one.unknown_accuracy) for one in group.published],
                [f"published: {one.name}" for one in group.published],
                hollow=True,
                size=5,
            )
        )
    points = [point for dots in groups for point in dots.points]
    return scatter(
        f"accuracy-{number}",
        "Known against unknown accuracy",
        f"A point for each of {len(students)} models; up and to the right is better. "
        "The table of students has the figures.",
        groups,
        "known accuracy, per cent",
        "unknown accuracy, per cent",
        x_range=_room([x for x, _ in points]),
        y_range=_room([y for _, y in points]),
    )


def _place(known: float, unknown: float) -> tuple[float, float]:
    return 100 * known, 100 * unknown


def _room(values: Sequence[float]) -> Range:
    """What an axis of accuracies in per cent shows: all of them, and not much above 100 %."""
    low, high = span(values, MARGIN) if len(set(values)) > 1 else (min(values), max(values))
    missing = max(0.0, LEAST_SPAN - (high - low))
    high = min(high + missing / 2, 101.0)
    return max(min(low, high - LEAST_SPAN), -1.0), high


def _title(one: Measured) -> str:
    name = f"{one.name} ({one.student})" if one.name and one.name != one.student else one.student
    return f"{name}: known {100 * one.known_accuracy:.2f} %, unknown " + (
        f"{100 * one.unknown_accuracy:.2f} %"
    )
