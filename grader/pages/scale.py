"""Where numbers lie on an axis of a chart: scales, round ticks, and points taken out of curves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A straight line from values in [low, high] to positions from `start` to `end`.

    Values outside are drawn at the edge.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The position of a value, rounded to a tenth of a pixel."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def span(values: Iterable[float], margin: float = 0.0) -> tuple[float, float]:
    """The smallest and the largest finite value, moved apart by a share of their distance.

    Values that are all the same, or none, get room around them, so that a scale can be made.
    """
    finite = [float(value) for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if not high - low > 1e-9 * max(abs(low), abs(high), 1e-300):
        room = abs(low) / 2 or 0.5
        return low - room, high + room
    return low - margin * (high - low), high + margin * (high - low)


def ticks(low: float, high: float, most: int = 6, whole: bool = False) -> tuple[float, ...]:
    """Round values within [low, high], evenly spaced, at least two and at most `most`.

    Args:
        low: finite, less than `high`.
        high: finite.
        most: at least 3.
        whole: whole numbers only, where two fit.
    """
    raw = (high - low) / (most - 1)
    size = 10.0 ** math.floor(math.log10(raw))
    found: tuple[float, ...] = (low, high)
    for factor in (*STEPS, 20.0):
        step = factor * size
        if whole and step % 1:
            continue
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if 2 <= last - first + 1 <= most:
            found = tuple(number * step for number in range(first, last + 1))
            break
    return found


def log_ticks(low: float, high: float, most: int = 7) -> tuple[float, ...]:
    """Powers of ten within [low, high], with their doubles and fives where there is room.

    Args:
        low: above 0.
        high: more than `low`.
        most: how many at most.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [
            factor * 10.0**power for power in range(first, last + 1) for factor in factors
            if low <= factor * 10.0**power <= high
        ]  # fmt: skip
        if len(found) <= most:
            break
    every = -(-len(found) // most) or 1
    return tuple(found[::every])


def tick_label(value: float, step: float) -> str:
    """A tick in as few digits as tell it from its neighbours a `step` away."""
    if value == 0 or abs(value) < step / 1e6:
        return "0"
    if not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3g}"
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    text = f"{value:.{digits + 1}f}"
    return text.rstrip("0").rstrip(".")


def thin(points: Sequence[Point], tolerance: float) -> list[Point]:
    """A curve with fewer points, none of those left out farther than `tolerance` from the rest.

    Args:
        points: in order, in pixels.
        tolerance: in pixels.

    Returns:
        The first, the last, and what is needed between (Ramer, Douglas and Peucker).
    """
    if len(points) < 3:
        return list(points)
    keep = {0, len(points) - 1}
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        farthest, distance = first, tolerance
        for index in range(first + 1, last):
            away = _distance(points[index], points[first], points[last])
            if away > distance:
                farthest, distance = index, away
        if farthest != first:
            keep.add(farthest)
            parts += [(first, farthest), (farthest, last)]
    return [points[index] for index in sorted(keep)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """How far a point is from the straight piece between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length if length else 0.0
    along = min(max(along, 0.0), 1.0)
    return math.hypot(point[0] - start[0] - along * dx, point[1] - start[1] - along * dy)
